#!/usr/bin/env python3
"""The population pass in DuckDB: the statements of `tuodi pass --sql --json`, unchanged, on the same Parquet files.

    duckdb_pass.py STATEMENTS.json DATA [--threads N] [--runs N] [--findings DIR]

Prints one JSON object: milliseconds of facts (views and fact groups) and findings (everything after), cold (first run)
and warm (median of the others), processor time of a warm run, peak memory. With --findings the tables are compared with
the files that the engine wrote there, row for row; a difference is an error.

`/` between whole numbers is whole in the pack's dialect; DuckDB is told so by a setting. Nothing else is changed.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time

import duckdb


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def run(statements, threads):
    """One pass in a database of its own, in memory; gives the connection and the milliseconds of both parts."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    connection.execute("SET integer_division = true")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET TimeZone = 'UTC'")
    spent = {"facts": 0.0, "findings": 0.0}
    worst = []
    started_cpu = cpu()
    for statement in statements:
        part = "facts" if statement["name"].startswith(("source.", "facts.")) else "findings"
        started = time.perf_counter()
        try:
            connection.execute(statement["sql"])
        except duckdb.Error as error:
            sys.exit(f"{statement['name']}: {error}\n{statement['sql'][:2000]}")
        took = (time.perf_counter() - started) * 1000
        spent[part] += took
        worst.append((took, statement["name"]))
    spent["total"] = spent["facts"] + spent["findings"]
    spent["cpu"] = (cpu() - started_cpu) * 1000
    spent["slowest"] = {name: round(took) for took, name in sorted(worst, reverse=True)[:6]}
    return connection, spent


def differences(connection, folder):
    """Rows that only one of the two engines found, by table."""
    found = {}
    for table in ("households", "alerts", "benefits", "labels", "needs"):
        file = os.path.join(folder, f"{table}.parquet")
        tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        if table not in tables:
            rows = connection.execute(f"SELECT count(*) FROM read_parquet('{file}')").fetchall()[0][0]
            found[table] = {"rows": rows, "differ": rows}
            continue
        columns = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM read_parquet('{file}')").fetchall()]
        names = ", ".join(f'"{name}"' for name in columns)
        ours, theirs = f"SELECT {names} FROM read_parquet('{file}')", f"SELECT {names} FROM {table}"
        both = f"(({ours}) EXCEPT ALL ({theirs})) UNION ALL (({theirs}) EXCEPT ALL ({ours}))"
        differ = connection.execute(f"SELECT count(*) FROM ({both})").fetchall()[0][0]
        rows = connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
        found[table] = {"rows": rows, "differ": differ}
        if differ:
            sample = connection.execute(f"({ours} EXCEPT ALL {theirs}) LIMIT 3").fetchall()
            other = connection.execute(f"({theirs} EXCEPT ALL {ours}) LIMIT 3").fetchall()
            print(f"{table}: only in the engine {sample}; only in DuckDB {other}", file=sys.stderr)
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("statements")
    parser.add_argument("data")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--findings")
    arguments = parser.parse_args()
    with open(arguments.statements, encoding="utf-8") as file:
        statements = json.load(file)["statements"]
    findings = os.path.abspath(arguments.findings) if arguments.findings else None
    os.chdir(arguments.data)
    runs, connection = [], None
    for _ in range(max(2, arguments.runs)):
        if connection is not None:
            connection.close()
        connection, spent = run(statements, arguments.threads)
        runs.append(spent)
    warm = {part: round(statistics.median(r[part] for r in runs[1:])) for part in ("facts", "findings", "total", "cpu")}
    cold = {part: round(runs[0][part]) for part in ("facts", "findings", "total", "cpu")}
    result = {
        "engine": f"duckdb {duckdb.__version__}",
        "threads": arguments.threads,
        "statements": len(statements),
        "cold": cold,
        "warm": warm,
        "slowest": runs[-1]["slowest"],
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    if findings:
        result["compared"] = differences(connection, findings)
        result["equal"] = not any(table["differ"] for table in result["compared"].values())
    print(json.dumps(result, ensure_ascii=False))
    if findings and not result["equal"]:
        sys.exit(1)


main()
