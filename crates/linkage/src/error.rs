//! What can be wrong with a configuration or with what it is asked to link.

/// A mistake in a configuration, with the line it stands on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ConfigError {
    /// From 1.
    pub line: usize,
    /// The problem and what to write instead.
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("there are no pairs to compare; {what}")]
    NoPairs { what: &'static str },
    #[error(
        "no two rows share the values of any blocking rule, so nothing can be learnt; widen the rules under [[block]]"
    )]
    NoCandidates,
    #[error("the model was made for {model} fields, the configuration has {config}; train it again")]
    OtherFields { model: usize, config: usize },
}
