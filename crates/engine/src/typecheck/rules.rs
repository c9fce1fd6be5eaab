//! The expressions of rules: conditions, amounts, indicators, labels, services, groupings.

use super::{Checker, messages::missing_field};
use crate::{
    faults::{Fault, Place, expr_faults},
    locate::{PackFile, meant, nearest},
    program::TIER,
    rule::Expected,
    schemas::Schemas,
    template,
};
use arrow::datatypes::DataType;
use datafusion::{common::DFSchema, error::DataFusionError, execution::SessionState, logical_expr::Expr};
use tuodi_pack::facts::Grain;

impl Checker<'_> {
    pub(super) fn expressions(&mut self) {
        let (pack, schemas) = (self.pack, Schemas::of(self.pack));
        for programme in &pack.programmes {
            let file = PackFile::declaring(self.pack, "programmes", &programme.id);
            let Ok(facts) = schemas.of_programme(programme) else { continue };
            for c in &programme.conditions {
                self.expression(&file, &c.expr, &facts, Expected::Claim, programme.grain);
                for number in c.measure.iter().chain(&c.line) {
                    self.expression(&file, number, &facts, Expected::Number, programme.grain);
                }
            }
            if let Some(amount) = &programme.amount {
                for sql in [&amount.expr].into_iter().chain(amount.parts.iter().map(|p| &p.expr)) {
                    self.expression(&file, sql, &facts, Expected::Number, programme.grain);
                }
            }
        }
        for indicator in &pack.indicators {
            let file = PackFile::declaring(self.pack, "indicators", &indicator.id);
            let Ok(facts) = schemas.of_indicator(indicator) else { continue };
            self.expression(&file, &indicator.expr, &facts, Expected::Claim, indicator.grain);
            if let Some(sql) = &indicator.points_expr {
                self.expression(&file, sql, &facts, Expected::Number, indicator.grain);
            }
            if let Some(sql) = &indicator.severity_expr {
                self.expression(&file, sql, &facts, Expected::Word, indicator.grain);
            }
            for name in &indicator.evidence {
                if facts.as_arrow().field_with_name(name).is_err() {
                    let known = facts.as_arrow().fields().iter().map(|f| f.name().as_str());
                    let message = format!("no fact {name} for the evidence{}", meant(name, known));
                    self.report(&file, name, Fault::new(message, Some(name), "name facts that the expression reads"));
                }
            }
        }
        for (i, label) in pack.assessment.labels.iter().enumerate() {
            let Ok(facts) = schemas.of_label(i) else { continue };
            let file = PackFile::named(pack, "assessment/index.toml");
            self.expression(&file, &label.expr, &facts, Expected::Claim, Grain::Household);
        }
        if let Ok(facts) = schemas.of_label(0) {
            let file = PackFile::named(pack, "simulation.toml");
            let persons = schemas.of_persons();
            for sql in pack.simulation.groupings.iter().flat_map(|g| &g.bands).map(|b| &b.expr) {
                self.expression(&file, sql, &facts, Expected::Claim, Grain::Household);
            }
            for receipt in &pack.simulation.received {
                match (receipt.grain, &persons) {
                    (Grain::Person, Ok(persons)) => {
                        self.expression(&file, &receipt.expr, persons, Expected::Claim, Grain::Person);
                    }
                    _ => self.expression(&file, &receipt.expr, &facts, Expected::Claim, Grain::Household),
                }
            }
        }
        let Ok(facts) = schemas.of_need() else { return };
        let services = pack.services.services.iter().map(|s| ("services/service", &s.id, Some(&s.expr)));
        let matters = pack.services.matters.iter().map(|m| ("services/matter", &m.id, m.trigger.as_ref()));
        for (list, id, sql) in services.chain(matters) {
            if let Some(sql) = sql {
                let file = PackFile::declaring(pack, list, id);
                self.expression(&file, sql, &facts, Expected::Claim, Grain::Household);
            }
        }
    }

    fn expression(&mut self, file: &PackFile, text: &str, facts: &DFSchema, expected: Expected, grain: Grain) {
        let Some(sql) = self.fill(file, text) else { return };
        let state = self.context.state();
        let expr = match state.create_logical_expr(&sql, facts) {
            Ok(expr) => expr,
            Err(e) => {
                let mut fault = self.planning_fault(&e);
                if template::words(&sql).contains("select") {
                    let fix = "compute it as a fact in facts/";
                    fault = Fault::new("a rule may not select from tables", None, fix);
                }
                if let Some((field, _)) = missing_field(&e) {
                    fault = self.unknown_fact(&field.name, facts, grain);
                }
                return self.report(file, text, fault);
            }
        };
        let before = self.problems.len();
        for fault in expr_faults(&expr, facts, Place::Rule) {
            self.report(file, text, fault);
        }
        if self.problems.len() > before {
            return;
        }
        match typed(&state, expr, facts) {
            Err(e) => {
                let fault = self.planning_fault(&e);
                self.report(file, text, fault);
            }
            Ok(kind) if !expected.admits(&kind) => {
                let fix = match expected {
                    Expected::Claim => "write a claim, such as `age >= 60`",
                    Expected::Number => "write whole fen, or an exact decimal; floats are not exact",
                    Expected::Word => "write a text, such as CASE WHEN … THEN 'red' ELSE 'orange' END",
                };
                self.report(file, text, Fault::new(format!("gives {kind}, not {}", expected.words()), None, fix));
            }
            Ok(_) => {}
        }
    }

    fn unknown_fact(&self, name: &str, facts: &DFSchema, grain: Grain) -> Fault {
        if grain == Grain::Household
            && let Some((group, _)) = self.pack.fact(name)
            && group.grain == Grain::Person
        {
            let message = format!("{name} is a fact of persons; this rule is about households");
            return Fault::new(
                message,
                Some(name),
                "add a household fact that sums it up, or make the rule a person's",
            );
        }
        if name == TIER {
            let message = "the tier is not known yet where tiers are asked";
            return Fault::new(
                message,
                Some(name),
                "programmes of other kinds, indicators, labels and services may read it",
            );
        }
        if self.pack.is_result(name) {
            let message = format!("{name} is not known yet, or not of this subject, where this is asked");
            let fix = "programmes read those of lower order; of single persons' programmes households read P_members and \
                       P_total; labels and services read alerts, services read labels";
            return Fault::new(message, Some(name), fix);
        }
        let known = facts.as_arrow().fields().iter().map(|f| f.name().as_str());
        let fix =
            nearest(name, known).map_or_else(|| "declare it in facts/".to_owned(), |n| format!("did you mean {n}?"));
        Fault::new(format!("no fact {name}"), Some(name), fix)
    }
}

/// The type that an expression gives once its literals are coerced as the engine will.
fn typed(state: &SessionState, expr: Expr, facts: &DFSchema) -> Result<DataType, DataFusionError> {
    let physical = state.create_physical_expr(expr, facts)?;
    physical.data_type(facts.as_arrow())
}
