//! The way of a recognition case (workflow.md 3), as far as a pack may set limits in it.

/// States that a recognition case can be in, in their order. `casework` has the table of moves between them and a test
/// that compares the two.
pub const STATES: [&str; 23] = [
    "draft",
    "awaiting_consent",
    "submitted",
    "returned",
    "accepted",
    "checking",
    "surveying",
    "manual_check",
    "reviewed",
    "publicised",
    "objection",
    "confirming",
    "approved",
    "refused",
    "terminated",
    "assisting",
    "appealed",
    "reverifying",
    "adjusting",
    "gradual_exit",
    "exited",
    "special_review",
    "appraisal",
];

/// States in which nothing is open: only an appeal, or a check of whoever is helped, leads on from there.
pub const TERMINAL: [&str; 5] = ["refused", "terminated", "assisting", "gradual_exit", "exited"];

/// States that only publicity leads to.
pub const OF_PUBLICITY: [&str; 3] = ["publicised", "objection", "appraisal"];
