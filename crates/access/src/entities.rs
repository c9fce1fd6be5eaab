//! What Cedar is shown: the account, its role, the thing, and the regions above it. About nine entities a request;
//! building the whole region tree each time would cost fifty times as much.

use crate::{AccessError, Act, Actor, Entrusted, Resource, Role, Sensitivity, actor::scope_prefix};
use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression as Expression,
};
use std::collections::{HashMap, HashSet};
use tuodi_pack::HouseholdId;

/// All that a policy can see of a request, and nothing else: equal questions have equal answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    account: String,
    role: Role,
    /// The account's region code, cut to the digits that say something.
    scope: String,
    household: Option<HouseholdId>,
    entrusted: Option<Entrusted>,
    act: Act,
    kind: &'static str,
    /// Empty except for proxies: what they may do depends on which case it is.
    id: String,
    region: String,
    sensitivity: Sensitivity,
    owner: Option<HouseholdId>,
    excluded: Vec<String>,
    assigned: Vec<String>,
    purpose: String,
}

impl Question {
    pub(crate) fn new(actor: &Actor, act: Act, resource: &Resource, purpose: &str) -> Question {
        Question {
            account: actor.account.clone(),
            role: actor.role,
            scope: scope_prefix(&actor.region).to_owned(),
            household: actor.household,
            entrusted: actor.entrusted.clone(),
            act,
            kind: resource.kind,
            id: actor.entrusted.as_ref().map(|_| resource.id.clone()).unwrap_or_default(),
            region: resource.region.clone(),
            sensitivity: resource.sensitivity,
            owner: resource.owner,
            excluded: resource.excluded.clone(),
            assigned: resource.assigned.clone(),
            purpose: purpose.trim().to_owned(),
        }
    }

    /// The same role at its best: in the right region, of the household, assigned, with a purpose.
    pub(crate) fn at_best(role: Role, act: Act, resource: &Resource) -> Question {
        const ACCOUNT: &str = "somebody";
        Question {
            account: ACCOUNT.to_owned(),
            role,
            scope: scope_prefix(&resource.region).to_owned(),
            household: resource.owner.filter(|_| role.is_citizen()),
            entrusted: (role == Role::Proxy).then(|| Entrusted {
                case: (resource.kind == "case").then(|| resource.id.clone()),
                sensitive: true,
                authorises: true,
            }),
            act,
            kind: resource.kind,
            id: if role == Role::Proxy { resource.id.clone() } else { String::new() },
            region: resource.region.clone(),
            sensitivity: resource.sensitivity,
            owner: resource.owner,
            excluded: Vec::new(),
            assigned: vec![ACCOUNT.to_owned()],
            purpose: "work".to_owned(),
        }
    }
}

/// Names parsed once.
pub(crate) struct Names {
    user: EntityTypeName,
    role: EntityTypeName,
    region: EntityTypeName,
    thing: EntityTypeName,
    action: EntityTypeName,
}

/// Why a request could not be put to Cedar; with names parsed and values plain this is a fault of ours.
pub(crate) type Unbuildable = Box<dyn std::error::Error + Send + Sync>;

impl Names {
    pub(crate) fn new() -> Result<Names, AccessError> {
        let name = |text: &str| text.parse().map_err(|e| AccessError::Policies { cause: format!("{text}: {e}") });
        Ok(Names {
            user: name("User")?,
            role: name("Role")?,
            region: name("Region")?,
            thing: name("Thing")?,
            action: name("Action")?,
        })
    }

    pub(crate) fn slice(&self, asked: &Question) -> Result<(Request, Entities), Unbuildable> {
        let principal = uid(&self.user, &asked.account);
        let thing = uid(&self.thing, asked.kind);
        let role = uid(&self.role, asked.role.id());
        let users = |accounts: &[String]| {
            Expression::new_set(accounts.iter().map(|account| Expression::new_entity_uid(uid(&self.user, account))))
        };

        let scope = uid(&self.region, &asked.scope);
        let mut of_user = HashMap::from([("scope".to_owned(), Expression::new_entity_uid(scope.clone()))]);
        if let Some(household) = asked.household {
            of_user.insert("household".to_owned(), Expression::new_long(household.0));
        }
        if let Some(entrusted) = &asked.entrusted {
            of_user.insert("sensitive".to_owned(), Expression::new_bool(entrusted.sensitive));
            of_user.insert("authorises".to_owned(), Expression::new_bool(entrusted.authorises));
            if let Some(case) = &entrusted.case {
                of_user.insert("entrusted_case".to_owned(), Expression::new_string(case.clone()));
            }
        }
        let mut of_thing = HashMap::from([
            ("kind".to_owned(), Expression::new_string(asked.kind.to_owned())),
            ("number".to_owned(), Expression::new_string(asked.id.clone())),
            ("level".to_owned(), Expression::new_long(asked.sensitivity.level())),
            ("excluded".to_owned(), users(&asked.excluded)),
            ("assigned".to_owned(), users(&asked.assigned)),
        ]);
        if let Some(owner) = asked.owner {
            of_thing.insert("owner".to_owned(), Expression::new_long(owner.0));
        }

        let mut regions = self.regions(&asked.region);
        let place = regions[0].uid();
        if !regions.iter().any(|region| region.uid() == scope) {
            regions.push(Entity::with_uid(scope));
        }
        let mut all = regions;
        all.push(Entity::new(principal.clone(), of_user, HashSet::from([role.clone()]))?);
        all.push(Entity::with_uid(role));
        all.push(Entity::new(thing.clone(), of_thing, HashSet::from([place]))?);

        let context = Context::from_pairs([("purpose".to_owned(), Expression::new_string(asked.purpose.clone()))])?;
        let request = Request::new(principal, uid(&self.action, asked.act.name()), thing, context, None)?;
        Ok((request, Entities::from_entities(all, None)?))
    }

    /// The region and those above it up to the whole country, lowest first.
    fn regions(&self, code: &str) -> Vec<Entity> {
        let own = scope_prefix(code);
        let mut prefixes = vec![own];
        prefixes.extend([9, 6, 4, 2, 0].into_iter().filter(|&n| n < own.len()).map(|n| &own[..n]));
        let above = prefixes.iter().skip(1).map(|prefix| HashSet::from([uid(&self.region, prefix)]));
        let parents = above.chain([HashSet::new()]);
        prefixes
            .iter()
            .zip(parents)
            .map(|(prefix, parents)| Entity::new_no_attrs(uid(&self.region, prefix), parents))
            .collect()
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}
