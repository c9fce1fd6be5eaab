//! The question: may this account do this act to this thing, for this purpose?

use crate::{
    AccessError, Act, Actor, Denied, DeniedWhy, Resource, Role,
    entities::{Names, Question},
};
use cedar_policy::{Authorizer, Decision, PolicyId, PolicySet};
use quick_cache::sync::Cache;
use std::{collections::HashMap, sync::Arc};

/// Answers remembered: some hundred officers, each with what they work on today, and what roles can do at their best.
const REMEMBERED: usize = 20_000;

/// All policies, one file a group of roles; limits hold over all of them.
pub(crate) const POLICIES: [(&str, &str); 7] = [
    ("citizens.cedar", include_str!("../policies/citizens.cedar")),
    ("community.cedar", include_str!("../policies/community.cedar")),
    ("township.cedar", include_str!("../policies/township.cedar")),
    ("district.cedar", include_str!("../policies/district.cedar")),
    ("partners.cedar", include_str!("../policies/partners.cedar")),
    ("oversight.cedar", include_str!("../policies/oversight.cedar")),
    ("limits.cedar", include_str!("../policies/limits.cedar")),
];

/// A permission and the policy it rests on, for the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub policy: String,
}

/// The policies, parsed once. Clones share them.
#[derive(Clone)]
pub struct Access(Arc<Inner>);

struct Inner {
    policies: PolicySet,
    labels: HashMap<PolicyId, Label>,
    authorizer: Authorizer,
    names: Names,
    /// Answers given. Policies are fixed while the program runs and see nothing but the question, so they stay true; a page
    /// asks the same several times, and a refusal and a menu ask for all roles.
    answers: Cache<Question, Verdict>,
}

/// What the annotations of a policy say.
struct Label {
    id: String,
    /// Of a limit only.
    why: Option<DeniedWhy>,
}

#[derive(Clone)]
struct Verdict {
    allowed: bool,
    policy: Option<String>,
    why: Option<DeniedWhy>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Access({} policies)", self.0.labels.len())
    }
}

impl Access {
    pub fn new() -> Result<Access, AccessError> {
        let text: Vec<&str> = POLICIES.iter().map(|(_, text)| *text).collect();
        let policies: PolicySet =
            text.join("\n").parse().map_err(|e| AccessError::Policies { cause: format!("{e}") })?;
        let mut labels = HashMap::new();
        for policy in policies.policies() {
            let id = policy
                .annotation("id")
                .ok_or_else(|| AccessError::Policies { cause: format!("a policy has no @id: {policy}") })?;
            let why = match policy.annotation("why") {
                Some(word) => Some(
                    DeniedWhy::from_word(word)
                        .ok_or_else(|| AccessError::Policies { cause: format!("@why of {id} is not known: {word}") })?,
                ),
                None => None,
            };
            labels.insert(policy.id().clone(), Label { id: id.to_owned(), why });
        }
        Ok(Access(Arc::new(Inner {
            policies,
            labels,
            authorizer: Authorizer::new(),
            names: Names::new()?,
            answers: Cache::new(REMEMBERED),
        })))
    }

    /// Whether the actor may do this to the resource, for the purpose given (empty where none is needed).
    pub fn authorise(&self, actor: &Actor, act: Act, resource: &Resource, purpose: &str) -> Result<Grant, Denied> {
        let verdict = self.ask(Question::new(actor, act, resource, purpose));
        if verdict.allowed {
            return Ok(Grant { policy: verdict.policy.unwrap_or_default() });
        }
        // The same role at its best (right region, own household, assigned, with a purpose): if that fails too,
        // the role is what is missing, and to speak of regions would send the person on a useless errand.
        let best = self.at_best(actor.role, act, resource);
        let told = if best.allowed { verdict } else { best };
        Err(Denied {
            act,
            why: told.why.unwrap_or(DeniedWhy::Role),
            policy: told.policy,
            who_can: Role::ALL.into_iter().filter(|&role| self.at_best(role, act, resource).allowed).collect(),
        })
    }

    /// Whether a role can ever do this act: for menus.
    pub fn role_may(&self, role: Role, act: Act, resource: &Resource) -> bool {
        self.at_best(role, act, resource).allowed
    }

    fn at_best(&self, role: Role, act: Act, resource: &Resource) -> Verdict {
        self.ask(Question::at_best(role, act, resource))
    }

    fn ask(&self, question: Question) -> Verdict {
        if let Some(verdict) = self.0.answers.get(&question) {
            return verdict;
        }
        let verdict = self.evaluate(&question);
        self.0.answers.insert(question, verdict.clone());
        verdict
    }

    fn evaluate(&self, question: &Question) -> Verdict {
        let inner = &self.0;
        let Ok((request, entities)) = inner.names.slice(question) else {
            // Nothing permits what cannot even be asked.
            return Verdict { allowed: false, policy: None, why: None };
        };
        let response = inner.authorizer.is_authorized(&request, &inner.policies, &entities);
        let allowed = response.decision() == Decision::Allow;
        // Several may apply: of limits the one that matters most, of permissions the first by name.
        let label = response
            .diagnostics()
            .reason()
            .filter_map(|id| inner.labels.get(id))
            .min_by(|a, b| a.why.cmp(&b.why).then_with(|| a.id.cmp(&b.id)));
        Verdict { allowed, policy: label.map(|l| l.id.clone()), why: label.and_then(|l| l.why) }
    }
}

#[cfg(test)]
impl Access {
    pub(crate) fn policies(&self) -> &PolicySet {
        &self.0.policies
    }
}
