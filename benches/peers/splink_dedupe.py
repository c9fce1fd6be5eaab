#!/usr/bin/env python3
"""Splink over the one file that `tuodi synth --linkage N --one-file --without-numbers` writes.

    splink_dedupe.py FOLDER [--threads N]

Splink gets what it cannot make itself, free of charge: before the clock starts, the names' simplified form and pinyin, and
dates as dates, are columns of its input. Its blocking rules are those of packs/qingyan/linkage.toml, its comparisons the
nearest that it has: levels for variant characters, homophones, one edit, the surname; day and month exchanged; region by
prefix; members in common; term frequencies of names. The clock covers reading the prepared file, learning, comparing
and clustering. Prints one JSON object; `same` is of pairs inside clusters at a probability of 95 %, `best` the highest F1
that Splink reaches at any threshold, of pairs or of clusters, with the truth in hand.
"""

import argparse
import collections
import csv
import json
import math
import os
import resource
import tempfile
import time

import duckdb
import pypinyin
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from opencc import OpenCC
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

WEIGHTS = [-4, -2, 0, 2, 4, 6, 8, 10, 12, 15]
# 95 %, as the band *same* of packs/qingyan/linkage.toml.
SAME = math.log2(0.95 / 0.05)


def prepare(folder, out):
    """Adds what Splink would need a library for; not timed."""
    convert, seen = OpenCC("t2s").convert, {}

    def spoken(name):
        if name not in seen:
            plain = convert("".join(name.split()))
            seen[name] = plain, pypinyin.lazy_pinyin(plain)
        return seen[name]

    with open(os.path.join(folder, "people.csv"), encoding="utf-8") as source, open(out, "w", encoding="utf-8") as target:
        writer = csv.writer(target)
        titles = ["unique_id", "name", "plain", "surname", "sound", "given_sound", "initials", "sex", "birth", "birth_month"]
        writer.writerow(titles + ["birth_year", "birth_day", "region", "region9", "members"])
        for row in csv.DictReader(source):
            plain, syllables = spoken(row["name"])
            birth = [part.zfill(2) for part in row["birth_date"].replace("/", "-").split("-")] if row["birth_date"] else []
            members = sorted("".join(spoken(member)[1]) for member in row["members"].split("、") if member)
            writer.writerow([
                row["record"], row["name"], plain, plain[:1], "-".join(syllables), "-".join(syllables[1:]),
                "".join(syllable[:1] for syllable in syllables), row["sex"], "-".join(birth), "-".join(birth[:2]),
                birth[0] if birth else "", "-".join(sorted(birth[1:])), row["region_code"], row["region_code"][:9],
                ";".join(members),
            ])


def comparisons():
    exchanged = "substr(birth_l, 1, 4) = substr(birth_r, 1, 4) AND birth_day_l = birth_day_r"
    return [
        cl.CustomComparison(output_column_name="name", comparison_levels=[
            cll.NullLevel("plain"),
            cll.ExactMatchLevel("plain").configure(tf_adjustment_column="plain"),
            cll.ExactMatchLevel("sound").configure(tf_adjustment_column="sound"),
            cll.CustomLevel("length(plain_l) > 2 AND damerau_levenshtein(plain_l, plain_r) <= 1", "one edit"),
            cll.ExactMatchLevel("given_sound"),
            cll.ExactMatchLevel("surname"),
            cll.ElseLevel(),
        ]),
        cl.ExactMatch("sex"),
        cl.CustomComparison(output_column_name="birth", comparison_levels=[
            cll.NullLevel("birth"),
            cll.ExactMatchLevel("birth"),
            cll.CustomLevel(exchanged, "exchanged"),
            cll.DamerauLevenshteinLevel("birth", 1),
            cll.ExactMatchLevel("birth_month"),
            cll.CustomLevel("abs(date_diff('day', try_cast(birth_l AS DATE), try_cast(birth_r AS DATE))) <= 55", "55 days"),
            cll.ExactMatchLevel("birth_year"),
            cll.ElseLevel(),
        ]),
        cl.CustomComparison(output_column_name="region", comparison_levels=[
            cll.NullLevel("region"),
            cll.ExactMatchLevel("region"),
            cll.ExactMatchLevel("region9"),
            cll.ElseLevel(),
        ]),
        cl.CustomComparison(output_column_name="members", comparison_levels=[
            cll.NullLevel("members"),
            cll.CustomLevel("list_contains(others_l, sound_r) OR list_contains(others_r, sound_l)", "names the other"),
            cll.ExactMatchLevel("members"),
            cll.CustomLevel("len(list_intersect(others_l, others_r)) * 2 >= len(list_distinct(others_l || others_r))", "half"),
            cll.CustomLevel("len(list_intersect(others_l, others_r)) > 0", "any"),
            cll.ElseLevel(),
        ]),
    ]


def settings():
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons(),
        blocking_rules_to_generate_predictions=[
            block_on("sound"),
            block_on("birth"),
            block_on("given_sound", "birth_month"),
            block_on("surname", "birth_day", "sex"),
            block_on("initials", "region9", "birth_year"),
            block_on("members", "sex"),
        ],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def run(path, threads):
    """Clusters at several thresholds and the pairs, with seconds for reading, learning and comparing."""
    spent, started = {}, time.perf_counter()

    def lap(name):
        nonlocal started
        spent[name] = round(time.perf_counter() - started, 2)
        started = time.perf_counter()

    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    connection.execute(
        "CREATE TABLE people AS SELECT * REPLACE (nullif(members, '') AS members), "
        "string_split(replace(nullif(members, ''), '-', ''), ';') AS others "
        f"FROM read_csv('{path}', all_varchar = true, header = true)"
    )
    connection.execute("UPDATE people SET sound = replace(sound, '-', '')")
    api = DuckDBAPI(connection=connection)
    lap("read")
    linker = Linker(api.register("people"), settings(), log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match(
        [block_on("plain", "birth"), block_on("birth", "region", "sex", "surname")], recall=0.8
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("plain", "sex"), block_on("birth", "region")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    lap("train")
    predictions = linker.inference.predict(threshold_match_weight=WEIGHTS[0])
    lap("link")
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold_match_weight=SAME)
    lap("cluster")
    total = round(sum(spent.values()), 2)
    # What follows finds the threshold that suits Splink best; it is not timed.
    by_weight = {SAME: clusters}
    for weight in WEIGHTS:
        if weight not in by_weight:
            by_weight[weight] = linker.clustering.cluster_pairwise_predictions_at_threshold(
                predictions, threshold_match_weight=weight
            )
    rows = {w: connection.execute(f"SELECT unique_id, cluster_id FROM {c.physical_name}").fetchall() for w, c in by_weight.items()}
    pairs = connection.execute(
        f"SELECT unique_id_l, unique_id_r, match_weight FROM {predictions.physical_name}"
    ).fetchall()
    return spent, total, rows, pairs


def f1(found, right, truth):
    precision, recall = (right / found if found else 1.0), right / truth
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(2 * precision * recall / (precision + recall), 4) if right else 0.0}


def count_pairs(groups):
    return sum(n * (n - 1) // 2 for n in collections.Counter(groups).values())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    with open(os.path.join(arguments.folder, "truth.csv"), encoding="utf-8") as file:
        person = {row["record"]: row["person"] for row in csv.DictReader(file)}
    truth = count_pairs(person.values())
    with tempfile.TemporaryDirectory() as work:
        prepared = os.path.join(work, "people.csv")
        prepare(arguments.folder, prepared)
        before = time.process_time()
        spent, total, clusters, pairs = run(prepared, arguments.threads)
        cpu = time.process_time() - before
    curve = {}
    for weight, rows in clusters.items():
        right = count_pairs((cluster, person[record]) for record, cluster in rows)
        curve[weight] = f1(count_pairs(cluster for _, cluster in rows), right, truth)
    single = {}
    for weight in WEIGHTS:
        above = [(a, b) for a, b, w in pairs if w >= weight]
        single[weight] = f1(len(above), sum(person[a] == person[b] for a, b in above), truth)
    best = max(list(curve.values()) + list(single.values()), key=lambda point: point["f1"])
    print(json.dumps({
        "seconds": total, "spent": spent, "cpu_seconds": round(cpu, 1), "threads": arguments.threads, "rows": len(person),
        "same": curve[SAME], "best": best, "clusters": curve, "pairs": single,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))


main()
