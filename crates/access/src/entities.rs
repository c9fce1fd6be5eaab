//! What Cedar is shown: the account, its role, the thing, and the regions above it. About nine entities a request;
//! building the whole region tree each time would cost fifty times as much.

use crate::{AccessError, Act, Actor, Resource, actor::scope_prefix};
use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression as Expression,
};
use std::collections::{HashMap, HashSet};

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

    pub(crate) fn slice(
        &self,
        actor: &Actor,
        act: Act,
        resource: &Resource,
        purpose: &str,
    ) -> Result<(Request, Entities), Unbuildable> {
        let principal = uid(&self.user, &actor.account);
        let thing = uid(&self.thing, &format!("{}:{}", resource.kind, resource.id));
        let role = uid(&self.role, actor.role.id());
        let users = |accounts: &[String]| {
            Expression::new_set(accounts.iter().map(|account| Expression::new_entity_uid(uid(&self.user, account))))
        };

        let scope = uid(&self.region, scope_prefix(&actor.region));
        let mut of_user = HashMap::from([("scope".to_owned(), Expression::new_entity_uid(scope.clone()))]);
        if let Some(household) = actor.household {
            of_user.insert("household".to_owned(), Expression::new_long(household.0));
        }
        let mut of_thing = HashMap::from([
            ("kind".to_owned(), Expression::new_string(resource.kind.to_owned())),
            ("level".to_owned(), Expression::new_long(resource.sensitivity.level())),
            ("excluded".to_owned(), users(&resource.excluded)),
            ("assigned".to_owned(), users(&resource.assigned)),
        ]);
        if let Some(owner) = resource.owner {
            of_thing.insert("owner".to_owned(), Expression::new_long(owner.0));
        }

        let mut regions = self.regions(&resource.region);
        let place = regions[0].uid();
        if !regions.iter().any(|region| region.uid() == scope) {
            regions.push(Entity::with_uid(scope));
        }
        let mut all = regions;
        all.push(Entity::new(principal.clone(), of_user, HashSet::from([role.clone()]))?);
        all.push(Entity::with_uid(role));
        all.push(Entity::new(thing.clone(), of_thing, HashSet::from([place]))?);

        let context = Context::from_pairs([("purpose".to_owned(), Expression::new_string(purpose.trim().to_owned()))])?;
        let request = Request::new(principal, uid(&self.action, act.name()), thing, context, None)?;
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
