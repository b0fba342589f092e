"""LightGBM on the rows that boost learns from, for go run ./bench/forecast -boost python.

Reads a problem: a line of JSON (columns, learned, ahead, levels, options), then float64 rows of
features and their targets. Writes the mean quantile loss on the rows ahead and the processor
time of learning.
"""
import json
import sys
import time

import lightgbm
import numpy as np

with open(sys.argv[1], "rb") as f:
    head = json.loads(f.readline())
    values = np.frombuffer(f.read(), np.float64)
columns, parts, at = head["columns"], [], 0
for n in (head["learned"], head["ahead"]):
    parts.append((values[at:at + n * columns].reshape(n, columns), values[at + n * columns:at + n * (columns + 1)]))
    at += n * (columns + 1)
(x, y), (ahead, actual) = parts
o = head["options"]
started, loss, quantiles = time.process_time(), 0.0, []
data = lightgbm.Dataset(x, y, params={"max_bin": o["Bins"], "min_data_in_leaf": o["LeastRow"], "num_threads": 1, "verbose": -1})
for level in head["levels"]:
    model = lightgbm.train({
        "objective": "quantile", "alpha": level, "num_leaves": o["Leaves"], "learning_rate": o["Rate"],
        "min_data_in_leaf": o["LeastRow"], "min_sum_hessian_in_leaf": 0, "bagging_fraction": o["Part"], "bagging_freq": 1,
        "feature_fraction": o["FeaturePart"], "max_bin": o["Bins"], "num_threads": 1, "verbose": -1, "seed": 1,
    }, data, o["Trees"])
    quantiles.append(model)
took = time.process_time() - started
made = np.sort([m.predict(ahead, num_threads=1) for m in quantiles], axis=0)
for level, q in zip(head["levels"], made):
    d = actual - q
    loss += 2 * np.maximum(level * d, (level - 1) * d).mean() / len(made)
print(json.dumps({"loss": loss, "seconds": took, "version": lightgbm.__version__}))
