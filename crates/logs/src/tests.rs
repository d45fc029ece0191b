//! Whole files of every format, as their products write them, through the reader.

use proptest::prelude::*;

use crate::{By, Catalogue, Format, Options, Read, Reader, Row, Tally};

/// The first of December 2026.
const NOW: i64 = 1_796_083_200;

fn read_in(path: &str, text: &[u8], piece: usize) -> (Read, Vec<Row>) {
    let catalogue = Catalogue::embedded();
    let mut tally = Tally::new(100);
    let mut reader = Reader::new(path, "", catalogue, Options::at(NOW));
    for bytes in text.chunks(piece.max(1)) {
        reader.feed(bytes, &mut tally);
    }
    let read = reader.finish(&mut tally);
    (read, tally.rows(catalogue, By::Service))
}

fn read(text: &str) -> (Read, Vec<Row>) {
    let whole = read_in("log", text.as_bytes(), usize::MAX);
    let pieces = read_in("log", text.as_bytes(), 7);
    assert_eq!(
        (whole.0.lines, whole.0.matched, whole.0.unknown),
        (pieces.0.lines, pieces.0.matched, pieces.0.unknown)
    );
    whole
}

/// One line of a format gives this service, this user and this time.
fn one(text: &str, format: Format, service: &str, user: &str, time: &str) -> Row {
    let (seen, rows) = read(text);
    assert_eq!(seen.format, Some(format), "{text}");
    assert_eq!(seen.unknown, 0, "{text}: {:?}", seen.example);
    assert_eq!(rows.len(), 1, "{text}: {rows:?}");
    let row = rows[0].clone();
    assert_eq!(row.services.iter().collect::<Vec<_>>(), [service], "{text}");
    assert_eq!(row.first.as_deref().unwrap_or_default(), time, "{text}");
    let catalogue = Catalogue::embedded();
    let mut tally = Tally::new(100);
    let mut reader = Reader::new("log", "", catalogue, Options::at(NOW));
    reader.feed(text.as_bytes(), &mut tally);
    reader.finish(&mut tally);
    let users: Vec<_> = tally
        .rows(catalogue, By::User)
        .into_iter()
        .filter_map(|row| row.user)
        .collect();
    assert_eq!(
        users,
        if user.is_empty() {
            vec![]
        } else {
            vec![user.to_owned()]
        },
        "{text}"
    );
    row
}

const NOON: &str = "2026-11-26T12:00:00Z";

#[test]
fn zeek_is_read_by_its_header_and_as_json() {
    let dns = "#separator \\x09\n#fields\tts\tuid\tid.orig_h\tquery\n1795694400.5\tC1\t10.0.0.7\tclaude.ai\n1795694400.5\tC1\t10.0.0.7\t-\n#close\t2026\n";
    one(dns, Format::Zeek, "claude", "10.0.0.7", NOON);
    let ssl = "#separator \\x09\n#fields\tts\tid.orig_h\tversion\tserver_name\n1795694400.5\t10.0.0.7\tTLSv13\tapi.openai.com\n";
    one(ssl, Format::Zeek, "openai-api", "10.0.0.7", NOON);
    let http = "#separator \\x09\n#fields\tts\tid.orig_h\thost\trequest_body_len\n1795694400.5\t10.0.0.7\tapi.openai.com\t512\n";
    assert_eq!(
        one(http, Format::Zeek, "openai-api", "10.0.0.7", NOON).sent,
        Some(512)
    );
    let json = "{\"ts\":1795694400.5,\"id.orig_h\":\"10.0.0.7\",\"query\":\"claude.ai\"}\n{\"ts\":1795694400.5,\"id.orig_h\":\"10.0.0.7\",\"query\":\"example.com\"}\n";
    one(json, Format::ZeekJson, "claude", "10.0.0.7", NOON);
    // Flows without names are understood and tell nothing.
    let (conn, rows) =
        read("#separator \\x09\n#fields\tts\tid.orig_h\torig_bytes\n1\t10.0.0.7\t9\n");
    assert_eq!((conn.lines, conn.unknown, rows.len()), (3, 0, 0));
}

#[test]
fn proxies_are_read() {
    one(
        "1795694400.123    87 10.0.0.7 TCP_TUNNEL/200 4242 CONNECT chatgpt.com:443 ann HIER_DIRECT/1.2.3.4 -\n",
        Format::Squid,
        "chatgpt",
        "ann",
        NOON,
    );
    one(
        "10.0.0.7 - ann [26/Nov/2026:13:00:00 +0100] \"CONNECT chatgpt.com:443 HTTP/1.1\" 200 42 \"-\" \"x\" TCP_TUNNEL:HIER_DIRECT\n",
        Format::SquidCommon,
        "chatgpt",
        "ann",
        NOON,
    );
    let zscaler = "Time,User,URL,URL Category,Cloud App,Bytes Sent\n\"2026-11-26 12:00:00\",ann@acme.example,chatgpt.com/backend-api?q=1,AI,\"ChatGPT, free\",777\n";
    assert_eq!(
        one(
            zscaler,
            Format::Zscaler,
            "chatgpt",
            "ann@acme.example",
            NOON
        )
        .sent,
        Some(777)
    );
    let netskope = "timestamp,user,app,appcategory,ccl,access_method,url,client_bytes\n1795694400,ann@acme.example,ChatGPT,Generative AI,poor,Client,,12\n";
    one(
        netskope,
        Format::Netskope,
        "chatgpt",
        "ann@acme.example",
        NOON,
    );
    let palo = "Generate Time,Source address,Source User,URL/Filename,Bytes Sent\n2026/11/26 12:00:00,10.0.0.7,acme\\ann,claude.ai/,9\n";
    one(palo, Format::PaloAlto, "claude", "acme\\ann", NOON);
    let flow =
        "start,srcaddr,dstaddr,sni,bytes_sent\n1795694400,10.0.0.7,1.2.3.4,api.openai.com,99\n";
    assert_eq!(
        one(flow, Format::FlowCsv, "openai-api", "10.0.0.7", NOON).sent,
        Some(99)
    );
}

#[test]
fn firewalls_and_products_of_many_kinds_are_read() {
    // Palo Alto through syslog: sessions by application, pages by address.
    let traffic = "Nov 26 12:00:00 fw 1,2026/11/26 12:00:00,0009C1,TRAFFIC,end,1,2026/11/26 12:00:00,10.0.0.7,1.2.3.4,,,rule,acme\\ann,,openai-chatgpt,vsys1,a,b,c,d,fwd,,1,1,65123,443,0,0,0x0,tcp,allow,1194,644,550,12,2026/11/26 12:00:00,40,any\n";
    let row = one(traffic, Format::PaloAlto, "chatgpt", "acme\\ann", NOON);
    assert_eq!((row.sent, row.received), (Some(644), Some(550)));
    let threat = "1,2026/11/26 12:00:00,0009C1,THREAT,url,1,2026/11/26 12:00:00,10.0.0.7,1.2.3.4,,,rule,,,ssl,vsys1,a,b,c,d,fwd,,1,1,65123,443,0,0,0x0,tcp,alert,\"claude.ai/\",(9999),ai\n";
    one(threat, Format::PaloAlto, "claude", "10.0.0.7", NOON);
    let cef = "CEF:0|Zscaler|NSSWeblog|5.7|200|Allowed|3|act=Allowed suser=ann@acme.example src=10.0.0.7 dhost=claude.ai request=https://claude.ai/new?a=b out=10 in=20 rt=1795694400000 cat=AI\n";
    let row = one(cef, Format::Pairs, "claude", "ann@acme.example", NOON);
    assert_eq!((row.sent, row.received), (Some(10), Some(20)));
    let zscaler = "2026-11-26 12:00:00\treason=Allowed\tprotocol=HTTPS\tresponsesize=65\trequestsize=574\trefererURL=None\tlocation=Road Warrior\tClientIP=10.0.0.7\tuser=ann@acme.example\turl=chatgpt.com:443\thostname=chatgpt.com\n";
    one(zscaler, Format::Pairs, "chatgpt", "ann@acme.example", NOON);
    let fortinet = "date=2026-11-26 time=12:00:00 devname=\"fg\" srcip=10.0.0.7 user=\"ANN\" dstip=1.2.3.4 hostname=\"claude.ai\" url=\"https://claude.ai/\" sentbyte=100 rcvdbyte=200\n";
    one(fortinet, Format::Pairs, "claude", "ANN", NOON);
    let w3c = "#Software: proxy\n#Fields: date time c-ip cs-username cs-host cs-bytes sc-bytes\n2026-11-26 12:00:00 10.0.0.7 - claude.ai 5 6\n#Fields: date time cs-host c-ip\n2026-11-26 12:00:00 claude.ai 10.0.0.7\n";
    let row = one(w3c, Format::W3c, "claude", "10.0.0.7", NOON);
    assert_eq!((row.requests, row.sent), (2, Some(5)));
    let suricata = "{\"timestamp\":\"2026-11-26T12:00:00.000000+0000\",\"flow_id\":1,\"event_type\":\"tls\",\"src_ip\":\"10.0.0.7\",\"tls\":{\"sni\":\"claude.ai\"}}\n{\"timestamp\":\"2026-11-26T12:00:00.000000+0000\",\"event_type\":\"dns\",\"src_ip\":\"10.0.0.7\",\"dns\":{\"queries\":[{\"rrname\":\"claude.ai\"}]}}\n{\"event_type\":\"stats\"}\n";
    assert_eq!(
        one(suricata, Format::Suricata, "claude", "10.0.0.7", NOON).requests,
        2
    );
    let flow =
        "2 123456789010 eni-1235b8ca123456789 10.0.0.7 1.2.3.4 20641 443 6 20 4249 1 2 ACCEPT OK\n";
    let (seen, rows) = read(flow);
    assert_eq!(
        (seen.format, seen.unknown, rows.len()),
        (Some(Format::VpcFlow), 0, 0)
    );
    // Lines of other programs in the same system log, before and behind.
    let syslog = format!(
        "{}Nov 26 12:00:00 host dnsmasq[7]: query[A] claude.ai from 10.0.0.7\nNov 26 12:00:01 host kernel: eth0: up\n",
        "Nov 26 11:00:00 host CRON[12]: (root) CMD (run)\n".repeat(150)
    );
    let (seen, rows) = read(&syslog);
    assert_eq!((seen.format, rows.len()), (Some(Format::Dnsmasq), 1));
}

#[test]
fn directories_of_identity_are_read() {
    let reports = "{\"kind\":\"admin#reports#activities\",\"items\":[{\"kind\":\"admin#reports#activity\",\"id\":{\"time\":\"2026-11-26T12:00:00.000Z\"},\"actor\":{\"email\":\"ann@acme.example\"},\"events\":[{\"name\":\"authorize\",\"parameters\":[{\"name\":\"app_name\",\"value\":\"Otter.ai\"},{\"name\":\"scope\",\"multiValue\":[\"calendar\"]}]}]}]}";
    let row = one(
        reports,
        Format::GoogleOauth,
        "otter",
        "ann@acme.example",
        NOON,
    );
    assert!(row.details.contains("calendar"));
    let consent = "{\"value\":[{\"activityDisplayName\":\"Consent to application\",\"activityDateTime\":\"2026-11-26T12:00:00Z\",\"initiatedBy\":{\"user\":{\"userPrincipalName\":\"ann@acme.example\"}},\"targetResources\":[{\"displayName\":\"Fireflies.ai\",\"type\":\"ServicePrincipal\"}]}]}";
    one(
        consent,
        Format::EntraApps,
        "fireflies",
        "ann@acme.example",
        NOON,
    );
    let audit = "Date (UTC),Service,Category,Activity,ActorUserPrincipalName,Target1Type,Target1DisplayName\n2026-11-26T12:00:00Z,Core Directory,ApplicationManagement,Consent to application,ann@acme.example,ServicePrincipal,Read AI\n";
    one(audit, Format::EntraApps, "readai", "ann@acme.example", NOON);
    let sign_in = "Date (UTC),Request ID,User,Username,Application,Application ID,Resource,IP address\n2026-11-26T12:00:00Z,r,Ann,ann@acme.example,ChatGPT,e0476654,Microsoft Graph,1.2.3.4\n";
    one(
        sign_in,
        Format::EntraApps,
        "chatgpt",
        "ann@acme.example",
        NOON,
    );
}

#[test]
fn resolvers_are_read() {
    one(
        "Nov 26 12:00:00 dnsmasq[7]: query[A] claude.ai from 10.0.0.7\nNov 26 12:00:00 dnsmasq[7]: forwarded claude.ai to 1.1.1.1\n",
        Format::Dnsmasq,
        "claude",
        "10.0.0.7",
        NOON,
    );
    one(
        "26-Nov-2026 12:00:00.123 queries: info: client @0x7f3b 10.0.0.7#5353 (claude.ai): query: claude.ai IN A +E(0)K (10.0.0.2)\n",
        Format::Bind,
        "claude",
        "10.0.0.7",
        NOON,
    );
    one(
        "[1795694400] unbound[7:0] info: 10.0.0.7 claude.ai. A IN\n",
        Format::Unbound,
        "claude",
        "10.0.0.7",
        NOON,
    );
    one(
        "[INFO] 10.0.0.7:5353 - 7 \"A IN claude.ai. udp 40 false 512\" NOERROR qr,rd,ra 78 0.01s\n",
        Format::CoreDns,
        "claude",
        "10.0.0.7",
        "",
    );
    one(
        "{\"version\":\"1.1\",\"query_timestamp\":\"2026-11-26T12:00:00Z\",\"query_name\":\"claude.ai.\",\"query_type\":\"A\",\"srcaddr\":\"10.0.0.7\",\"answers\":[{\"Rdata\":\"1.2.3.4\"}]}\n",
        Format::Route53,
        "claude",
        "10.0.0.7",
        NOON,
    );
}

#[test]
fn cloud_grants_and_expenses_are_read() {
    let trail = "{\"Records\":[{\"eventTime\":\"2026-11-26T12:00:00Z\",\"eventSource\":\"bedrock.amazonaws.com\",\"eventName\":\"InvokeModel\",\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"ann\"},\"requestParameters\":{\"modelId\":\"anthropic.claude-v2\"}},{\"eventSource\":\"s3.amazonaws.com\",\"eventTime\":\"x\"}]}";
    let row = one(trail, Format::CloudTrail, "bedrock", "ann", NOON);
    assert!(row.details.contains("anthropic.claude-v2"));
    one(
        "Time,User Email,App name,Event,OAuth scopes\n2026-11-26T12:00:00Z,ann@acme.example,Otter.ai,Authorize,\"drive,\ncalendar\"\n",
        Format::GoogleOauth,
        "otter",
        "ann@acme.example",
        NOON,
    );
    one(
        "Name,Homepage URL,Application ID,Created DateTime\nChatGPT,,e0476654,2026-11-26\n",
        Format::EntraApps,
        "chatgpt",
        "",
        "2026-11-26T00:00:00Z",
    );
    one(
        "{\"@odata.context\":\"x\",\"value\":[{\"clientDisplayName\":\"Fireflies.ai\",\"consentType\":\"Principal\",\"principalId\":\"p1\",\"scope\":\"Calendars.Read\"}]}",
        Format::GraphGrants,
        "fireflies",
        "p1",
        "",
    );
    one(
        "Date,Employee,Merchant,Amount\n11/26/2026,Ann,MIDJOURNEY,30.00\n",
        Format::Expenses,
        "midjourney",
        "Ann",
        "2026-11-26T00:00:00Z",
    );
    one(
        "computer,extension_id,name\npc7,camppjleccjaphfdbohjdohecfnoikec,Merlin\n",
        Format::Extensions,
        "merlin",
        "pc7",
        "",
    );
    one(
        "[{\"identifier\":{\"id\":\"GitHub.copilot\"},\"version\":\"1\"}]",
        Format::Extensions,
        "copilot",
        "",
        "",
    );
}

#[test]
fn lines_that_are_not_understood_are_counted_and_the_first_is_shown_without_secrets() {
    let good = "1795694400.123 87 10.0.0.7 TCP_TUNNEL/200 4242 CONNECT chatgpt.com:443 - HIER_DIRECT/1.2.3.4 -\n";
    let (seen, rows) = read(&format!(
        "{good}garbage https://x.example/?key=abc \u{1b}[2J\n{good}\u{0}\u{0}\n"
    ));
    assert_eq!((seen.lines, seen.matched, seen.unknown), (4, 2, 2));
    assert_eq!(
        seen.example.as_deref(),
        Some("garbage https://x.example/?… \\u{1b}[2J")
    );
    assert_eq!(rows[0].requests, 2);
    let (seen, _) = read("just some text\nof no kind\n");
    assert_eq!((seen.format, seen.unknown), (None, 2));
    // A line without an end is one unknown line, and what follows is read.
    let long = format!("{good}{}\n{good}", "x".repeat(3 << 20));
    let (seen, _) = read_in("log", long.as_bytes(), 64 << 10);
    assert_eq!((seen.lines, seen.matched, seen.unknown), (3, 2, 1));
    let (seen, _) = read("{\"Records\":[{\"eventSource\":\"bedrock.amazonaws.com\"");
    assert_eq!(seen.unknown, 1);
}

#[test]
fn users_are_bounded_and_the_bound_is_told() {
    let lines: String = (0..1000)
        .map(|user| format!("1795694400.123 87 10.0.{}.{} TCP_TUNNEL/200 4242 CONNECT chatgpt.com:443 - HIER_DIRECT/1.2.3.4 -\n", user / 250, user % 250))
        .collect();
    let (_, rows) = read(&lines);
    assert_eq!(
        (rows[0].users, rows[0].at_least, rows[0].requests),
        (100, true, 1000)
    );
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader_and_pieces_do_not_matter(
        start in prop::sample::select(vec![
            "", "#separator \\x09\n#fields\tts\tquery\n", "{\"Records\":[", "[{", "a,url,time\n",
            "1795694400.1 8 10.0.0.7 T/200 4 CONNECT chatgpt.com:443 - D/- -\n", "Nov 26 12:00:00 dnsmasq[7]: query[A] x from y\n",
        ]),
        bytes in prop::collection::vec(prop::sample::select(b"\t\n\r \"{}[],:;?@/.=a1\\\x00\xff-|".to_vec()), 0..400),
        piece in 1..50_usize,
    ) {
        let text = [start.as_bytes(), &bytes].concat();
        let whole = read_in("log", &text, usize::MAX);
        let pieces = read_in("log", &text, piece);
        prop_assert_eq!(whole.0.lines, pieces.0.lines);
        prop_assert_eq!(whole.0.unknown, pieces.0.unknown);
        prop_assert_eq!(whole.0.example, pieces.0.example);
    }
}
