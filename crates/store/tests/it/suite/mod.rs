//! What every backend of the store does, told through its traits alone: `store_suite!` makes the tests of one backend.

pub(crate) mod accounts;
pub(crate) mod attestations;
pub(crate) mod audit;
pub(crate) mod deciding;
pub(crate) mod diff;
pub(crate) mod drift;
pub(crate) mod estates;
pub(crate) mod evidence;
pub(crate) mod history;
pub(crate) mod inventory;
pub(crate) mod jobs;
pub(crate) mod life;
pub(crate) mod listing;
pub(crate) mod notifying;
pub(crate) mod objectives;
pub(crate) mod removing;
pub(crate) mod requests;
pub(crate) mod scans;
pub(crate) mod sources;
pub(crate) mod telling;
pub(crate) mod traffic;
pub(crate) mod vendors;

use stance_store::Backend;

/// Where the suite keeps one database of a backend; it is empty at first, and gone when this is dropped.
pub(crate) trait Place: Sync + Sized {
    /// The backend.
    type Store: Backend;

    /// A place of its own.
    fn new() -> Self;

    /// The database in it: several that are open at once are one.
    fn open(&self) -> Self::Store;

    /// Fails when sums that the backend keeps are not what is there.
    fn is_consistent(&self);
}

/// `store_suite!(sqlite, crate::sqlite::InFile)`: the whole suite as tests of a backend, in a module of that name. A
/// function of the suite that is not listed here is reported as unused.
macro_rules! store_suite {
    ($backend:ident, $place:ty) => {
        mod $backend {
            crate::suite::store_suite! { @tests $place;
                accounts:
                    a_login_is_taken_once_and_a_number_is_never_used_again
                    the_last_administrator_is_kept_by_every_way
                    somebody_invited_who_never_came_is_no_administrator_yet
                    a_session_ends_by_idleness_by_age_and_with_its_person
                    a_person_has_only_so_many_sessions
                    a_token_ends_when_it_expires_is_revoked_or_its_owner_goes
                    a_link_counts_once_and_a_newer_one_ends_it
                    a_time_step_counts_once_and_no_earlier_one_after_it
                    failed_attempts_are_counted_within_their_window
                    a_key_is_taken_once_and_remembers_its_answer;
                attestations:
                    an_attestation_holds_once_somebody_else_approved_it
                    an_attestation_makes_sense;
                audit:
                    entries_are_read_as_they_were_appended_and_in_pages
                    filters_hold_together_and_alone
                    a_batch_is_appended_whole_or_not_at_all
                    every_entry_is_proven_and_every_checkpoint_extends_those_before
                    signing_again_without_news_gives_the_same_checkpoint;
                deciding:
                    a_waiver_holds_when_somebody_else_approved_it_and_until_its_day
                    who_asked_may_take_a_waiver_back_and_a_past_one_is_refused
                    a_token_is_nobody_but_its_owner_when_somebody_else_has_to_approve
                    a_dismissed_finding_stays_dismissed_until_it_is_reopened
                    people_speak_before_the_source_does_and_an_edit_on_old_ground_is_refused;
                diff:
                    things_appear_change_and_vanish
                    code_that_moved_down_is_no_change;
                drift:
                    the_first_state_is_the_approved_one_and_what_weakens_it_is_a_finding
                    approving_makes_it_the_new_baseline_and_undoing_needs_nobody
                    each_change_is_approved_by_itself
                    a_field_that_changes_again_is_one_change_that_waits
                    what_appears_or_vanishes_waits_and_approving_either_settles_it
                    access_that_is_granted_is_a_change_and_taking_it_back_undoes_it
                    an_announced_change_needs_somebody_else_and_meets_only_what_it_names_in_its_time
                    what_both_sides_say_of_an_asset_stays_with_its_source
                    a_prompt_edited_to_the_same_length_waits_and_its_text_is_not_kept;
                evidence:
                    what_a_rule_shows_follows_its_findings_and_the_looks_at_sources
                    what_a_rule_judged_in_fresh_looks_is_evidence
                    a_look_that_left_something_out_is_not_complete
                    a_source_that_fails_is_missing_where_it_told_something
                    every_asset_is_held_against_the_approved_state
                    a_gap_in_a_known_asset_counts_once_in_the_score;
                history:
                    the_history_tells_how_the_score_stood_and_what_moved_it
                    a_pulse_differs_once_something_changed_and_only_then
                    a_visit_tells_when_the_one_before_was
                    every_decision_and_every_look_stands_in_the_audit_log;
                inventory:
                    ties_are_met_once_in_slices_of_every_kind_and_of_one
                    what_is_tied_is_of_the_kinds_asked_for_and_no_dependency
                    an_extract_holds_what_fits_with_what_ties_it_and_each_id_once
                    words_for_filters_come_in_order
                    a_saved_filter_belongs_to_who_saved_it;
                jobs:
                    two_workers_never_get_one_job
                    whoever_begins_alone_takes_back_what_was_under_way_at_once
                    an_unfinished_job_is_not_asked_for_twice
                    the_most_urgent_goes_first_and_other_kinds_are_left_alone
                    jobs_of_one_lane_keep_their_order
                    a_lost_worker_is_not_heard_any_more
                    a_job_whose_workers_are_always_lost_fails
                    failures_are_tried_again_after_longer_and_longer_pauses
                    a_clock_that_is_set_back_delays_nothing
                    who_waits_is_cancelled_and_who_runs_is_told
                    a_job_that_is_given_back_keeps_its_tries
                    pages_of_jobs_neither_repeat_nor_skip
                    only_what_ended_long_ago_is_removed;
                life:
                    a_finding_in_a_file_that_was_not_judged_is_not_fixed
                    a_finding_is_open_then_fixed_then_reopened
                    an_accepted_finding_comes_back_when_its_waiver_ends
                    what_a_baseline_knows_still_stands
                    the_life_of_a_finding_tells_it_as_it_was_last_seen
                    assets_come_and_go;
                listing:
                    slices_meet_every_row_once_in_every_order
                    search_finds_parts_of_names_whatever_they_hold
                    groups_count_the_same_whichever_way_they_are_made
                    the_neighbourhood_is_bounded_and_says_what_it_leaves_out;
                objectives:
                    the_figures_are_those_of_the_estate
                    a_day_has_one_measure_and_a_day_without_one_has_none
                    an_aim_of_ones_own_holds_until_it_is_taken_back
                    open_findings_follow_other_deadlines_step_by_step;
                notifying:
                    what_opens_is_gathered_for_whoever_asked_and_told_once
                    what_is_late_is_told_once_until_it_is_late_anew
                    a_delivery_ends_with_its_job_and_with_its_subscription;
                removing:
                    a_source_that_is_removed_takes_its_own_along_and_fixes_nothing
                    another_owner_of_a_source_owns_what_nobody_else_was_given;
                requests:
                    what_nobody_decided_lapses_after_its_last_day
                    what_lapsed_is_asked_for_again_and_only_once
                    who_asked_gives_what_waits_another_day;
                scans:
                    targets_have_histories_of_their_own
                    scanning_the_same_again_changes_nothing
                    a_finding_that_is_told_twice_counts_once
                    a_number_without_a_scan_is_an_error
                    pruning_forgets_scans_but_not_what_became_of_findings;
                sources:
                    a_source_is_kept_as_it_was_added
                    an_edit_of_what_somebody_else_edited_is_refused
                    a_removed_source_stays_for_its_history_and_can_come_back
                    sources_come_in_pages_in_order_of_name
                    a_run_goes_from_queued_to_its_end
                    a_run_whose_worker_is_lost_too_often_fails
                    a_worker_that_is_lost_between_job_and_run_leaves_no_run_open
                    a_run_that_is_asked_for_while_a_job_ends_has_a_job_of_its_own
                    a_run_is_stopped_whether_it_waits_or_runs
                    runs_are_filtered_and_paged
                    a_due_source_runs_once_and_an_edited_schedule_is_worked_out_anew
                    a_document_that_was_pushed_twice_is_read_once;
                telling:
                    what_is_one_thing_everywhere_is_one_asset_and_the_rest_belongs_to_its_source
                    telling_the_same_again_changes_nothing
                    a_finding_opens_is_fixed_and_stands_again
                    not_having_looked_neither_fixes_nor_loses_anything_and_widens_the_interval
                    what_the_scanned_tree_accepts_is_accepted_as_long_as_it_says_so
                    a_source_that_is_not_there_tells_nothing;
                traffic:
                    an_interaction_is_kept_whole_and_once
                    every_filter_of_interactions_finds_its_own
                    slices_of_interactions_meet_each_once
                    figures_are_those_of_the_interactions
                    detections_tell_whom_and_which_models_they_are_about
                    interactions_and_words_are_forgotten_and_figures_stay
                    the_oldest_go_when_there_are_too_many
                    what_waits_is_in_no_list_until_it_is_released
                    an_exchange_that_two_tell_is_kept_as_the_gateway_tells_it
                    interactions_are_counted_up_to_a_bound
                    metrics_are_added_up_once
                    what_counts_from_its_beginning_counts_what_was_added
                    metrics_are_forgotten_with_the_figures;
                vendors:
                    what_is_declared_is_held_against_what_was_seen
                    one_source_that_forbids_is_enough;
            }
        }
    };
    (@tests $place:ty; $($module:ident: $($test:ident)+;)+) => {
        $(mod $module {
            $(#[test]
            fn $test() {
                crate::suite::$module::$test::<$place>();
            })+
        })+
    };
}
pub(crate) use store_suite;
