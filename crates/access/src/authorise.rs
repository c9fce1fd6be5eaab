//! The question: may this account do this act to this thing, for this purpose?

use crate::{AccessError, Act, Actor, Denied, DeniedWhy, Resource, Role, Sensitivity, entities::Names};
use cedar_policy::{Authorizer, Decision, PolicyId, PolicySet};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tuodi_pack::region::RegionLevel;

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
    /// What a role can do at its best, as asked before: the same for every region, household and person, and asked of
    /// all roles for each refusal and each menu.
    best: Mutex<HashMap<Best, Verdict>>,
}

/// Everything [`Access::at_best`] depends on.
type Best = (Role, Act, &'static str, Sensitivity, bool, RegionLevel);

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
            best: Mutex::default(),
        })))
    }

    /// Whether the actor may do this to the resource, for the purpose given (empty where none is needed).
    pub fn authorise(&self, actor: &Actor, act: Act, resource: &Resource, purpose: &str) -> Result<Grant, Denied> {
        let verdict = self.ask(actor, act, resource, purpose);
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
        const ACCOUNT: &str = "somebody";
        let level = RegionLevel::of_code(&resource.region);
        let key = (role, act, resource.kind, resource.sensitivity, resource.owner.is_some(), level);
        let known = |best: &HashMap<Best, Verdict>| best.get(&key).cloned();
        if let Some(verdict) = known(&self.0.best.lock().unwrap_or_else(PoisonError::into_inner)) {
            return verdict;
        }
        let household = resource.owner.filter(|_| role.is_citizen());
        let actor = Actor {
            account: ACCOUNT.to_owned(),
            name: String::new(),
            role,
            region: resource.region.clone(),
            person: None,
            household,
        };
        let resource = Resource { excluded: Vec::new(), assigned: vec![ACCOUNT.to_owned()], ..resource.clone() };
        let verdict = self.ask(&actor, act, &resource, "work");
        self.0.best.lock().unwrap_or_else(PoisonError::into_inner).insert(key, verdict.clone());
        verdict
    }

    fn ask(&self, actor: &Actor, act: Act, resource: &Resource, purpose: &str) -> Verdict {
        let inner = &self.0;
        let Ok((request, entities)) = inner.names.slice(actor, act, resource, purpose) else {
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
