use super::*;

fn next(schedule: &str, now: &str) -> String {
    let schedule: Schedule = schedule.parse().unwrap();
    schedule.next_after(now.parse().unwrap()).to_string()
}

#[test]
fn intervals_in_both_spellings() {
    for (text, seconds) in [
        ("PT1H", 3600),
        ("1h", 3600),
        ("90m", 5400),
        ("1h30m", 5400),
        ("1 hour", 3600),
        ("P1D", 86_400),
        ("2d", 172_800),
        (" 1w ", 604_800),
    ] {
        let interval = SignedDuration::from_secs(seconds);
        assert_eq!(text.parse(), Ok(Schedule::Every(interval)), "{text}");
    }
    assert_eq!(next("PT1H", "2026-03-01T12:34:56Z"), "2026-03-01T13:34:56Z");
}

#[test]
fn what_is_no_schedule_is_told_apart() {
    for text in [
        "",
        "soon",
        "* * * *",
        "* * * * * *",
        "1",
        "h",
        &"9".repeat(999),
    ] {
        let error = text.parse::<Schedule>().unwrap_err();
        assert!(
            matches!(error, ScheduleError::Neither(_)),
            "{text}: {error:?}"
        );
    }
    for text in ["10s", "-1h", "PT0S", "400d", "1mo", "99999999999h"] {
        text.parse::<Schedule>().unwrap_err();
    }
    for (text, field) in [
        ("60 * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day of the month"),
        ("* * * 13 *", "month"),
        ("* * * * 8", "day of the week"),
        ("*/0 * * * *", "minute"),
        ("5-1 * * * *", "minute"),
        ("+5 * * * *", "minute"),
        ("1,,2 * * * *", "minute"),
        ("* * * * mond", "day of the week"),
    ] {
        let error = text.parse::<Schedule>().unwrap_err();
        assert!(
            matches!(error, ScheduleError::Field { field: found, .. } if found == field),
            "{text}: {error:?}"
        );
    }
    assert_eq!("0 0 31 2 *".parse::<Schedule>(), Err(ScheduleError::Never));
}

#[test]
fn cron_gives_the_next_minute_that_fits() {
    for (schedule, now, then) in [
        ("* * * * *", "2026-03-01T12:00:00Z", "2026-03-01T12:01:00Z"),
        ("* * * * *", "2026-03-01T12:00:59Z", "2026-03-01T12:01:00Z"),
        (
            "*/15 * * * *",
            "2026-03-01T12:46:00Z",
            "2026-03-01T13:00:00Z",
        ),
        (
            "5/20 * * * *",
            "2026-03-01T12:06:00Z",
            "2026-03-01T12:25:00Z",
        ),
        ("15 3 * * *", "2026-03-01T03:15:00Z", "2026-03-02T03:15:00Z"),
        ("15 3 * * *", "2026-12-31T23:00:00Z", "2027-01-01T03:15:00Z"),
        // 2026-03-01 is a Sunday.
        (
            "0 9 * * 1-5",
            "2026-03-01T00:00:00Z",
            "2026-03-02T09:00:00Z",
        ),
        (
            "0 9 * * mon,Wed",
            "2026-03-02T09:00:00Z",
            "2026-03-04T09:00:00Z",
        ),
        ("0 9 * * 7", "2026-03-01T10:00:00Z", "2026-03-08T09:00:00Z"),
        ("0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("0 0 31 * *", "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"),
        // Either day when both are told.
        ("0 0 13 * 5", "2026-03-01T00:00:00Z", "2026-03-06T00:00:00Z"),
        ("0 0 13 * 5", "2026-04-10T00:00:00Z", "2026-04-13T00:00:00Z"),
        (
            "0 0 1 jan,jul *",
            "2026-03-01T00:00:00Z",
            "2026-07-01T00:00:00Z",
        ),
        ("@daily", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"),
    ] {
        assert_eq!(next(schedule, now), then, "{schedule} after {now}");
    }
}

#[test]
fn later_clocks_give_later_times() {
    // What the scheduler relies on to notice a clock that was set back.
    for schedule in ["1h", "*/7 3,4 * * *", "0 0 29 2 *", "30 12 1 * 1"] {
        let schedule: Schedule = schedule.parse().unwrap();
        let mut last = Timestamp::MIN;
        for step in 0..2000 {
            let now = Timestamp::from_second(1_800_000_000 + step * 7_777).unwrap();
            let then = schedule.next_after(now);
            assert!(then > now && then >= last);
            last = then;
        }
    }
}

#[test]
fn people_read_words() {
    for (text, words) in [
        ("PT1H", "every hour"),
        ("15m", "every 15 minutes"),
        ("90m", "every 90 minutes"),
        ("1d", "every day"),
        ("2w", "every 2 weeks"),
        ("15 3 * * *", "daily at 03:15 UTC"),
        ("15 3 * * 1-5", "Mon to Fri at 03:15 UTC"),
        ("0 6 * * 0,3", "Sun, Wed at 06:00 UTC"),
        ("0 0 1 * *", "on day 1 of the month at 00:00 UTC"),
        ("5 * * * *", "hourly at :05"),
        ("*/15 * * * *", "cron */15 * * * * (UTC)"),
    ] {
        assert_eq!(text.parse::<Schedule>().unwrap().to_string(), words);
    }
}
