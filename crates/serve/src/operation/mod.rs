//! What operation needs: whether it lives, whether it can work, its figures; and the files that pages load.

mod figures;

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue, Method, header::SET_COOKIE};
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::Accounts as _;

use crate::ask::{Ask, Input, Path};
use crate::assets;
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{THEME, Theme};
use crate::http::{Wanted, path_and_query};
use crate::route::{Routes, only};

pub(crate) fn routes() -> Routes {
    Routes::of("Operation")
        .add(only(Method::GET, "/healthz", Permission::Public, healthz))
        .add(only(Method::GET, "/readyz", Permission::Public, readyz))
        .add(only(
            Method::GET,
            "/metrics",
            Permission::MetricsRead,
            figures::metrics,
        ))
        .add(only(Method::GET, assets::ROUTE, Permission::Public, asset))
        .add(only(Method::GET, "/favicon.ico", Permission::Public, icon))
        .add(only(Method::POST, THEME, Permission::SignedIn, theme))
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// The process answers.
async fn healthz() -> axum::Json<Health> {
    axum::Json(Health { status: "ok" })
}

/// The database answers, and nobody has been told to stop.
async fn readyz(ask: Ask) -> Result<axum::Json<Health>, ApiError> {
    if *ask.app().stopping().borrow() {
        return Err(ApiError::unavailable("the service is stopping", None));
    }
    ask.db.read(|store| Ok(store.has_administrator()?)).await?;
    Ok(axum::Json(Health { status: "ready" }))
}

async fn asset(
    Path((hash, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let found = assets::find(&hash, &name);
    let asset = found.ok_or_else(|| ApiError::not_found(format_args!("file {name}")))?;
    Ok(file(asset, &headers, "public, max-age=31536000, immutable"))
}

async fn icon(headers: HeaderMap) -> Result<Response, ApiError> {
    let found = assets::all().iter().find(|asset| asset.name == "icon.svg");
    let asset = found.ok_or_else(|| ApiError::not_found("icon"))?;
    Ok(file(asset, &headers, "public, max-age=86400"))
}

fn file(asset: &'static assets::Asset, headers: &HeaderMap, keep: &'static str) -> Response {
    let mut response = Response::new(axum::body::Body::empty());
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    Wanted::of(headers).answer(response, asset.content_type, asset.bytes.to_vec())
}

/// What the form of the theme sends.
#[derive(Debug, Deserialize, JsonSchema)]
struct ThemeInput {
    theme: String,
    #[serde(default)]
    back: String,
}

/// Keeps the theme in a cookie that the script reads too.
async fn theme(ask: Ask, Input(input): Input<ThemeInput>) -> Response {
    let theme = Theme::named(&input.theme).name();
    let secure = if ask.settings.is_secure() {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!(
        "{}={theme}; Path=/; Max-Age=31536000; SameSite=Lax{secure}",
        Theme::COOKIE
    );
    let to = if path_and_query::is_local(&input.back) {
        input.back.as_str()
    } else {
        "/"
    };
    let mut response = crate::route::redirect(to);
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
