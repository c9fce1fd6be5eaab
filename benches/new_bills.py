#!/usr/bin/env python3
"""Medical bills that arrive later: rows of a delivered file under new settlement numbers.

    new_bills.py DELIVERED.csv NEW.csv COUNT [SEED]
"""

import random
import sys

delivered, new, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
random.seed(int(sys.argv[4]) if len(sys.argv) > 4 else 7)
with open(delivered, encoding="gb18030", newline="") as file:
    head, *rows = file.read().splitlines()
with open(new, "w", encoding="gb18030", newline="") as file:
    file.write(head + "\r\n")
    for number, row in enumerate(random.sample(rows, count)):
        _, rest = row.split(",", 1)
        file.write(f"JN{number:010d},{rest}\r\n")
