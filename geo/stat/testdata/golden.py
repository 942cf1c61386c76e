"""Runs the programs golden.py and golden.R beside each package of geo/stat and
compares what they print with the numbers kept beside them.

  golden.py [--keep] [DIRECTORY ...]

A directory is one of testdata; without any, all of geo/stat are done. golden.py
prints golden-py.json, golden.R prints golden-r.json. A number may differ by 1e-9
of itself (or 1e-12), everything else must be equal. With --keep the numbers
printed are kept in place of the old ones.
"""

import glob
import json
import math
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = {
    "golden.py": ([sys.executable], "golden-py.json"),
    "golden.R": (["Rscript", "--vanilla"], "golden-r.json"),
}


def main(arguments):
    keep = "--keep" in arguments
    folders = [a for a in arguments if a != "--keep"]
    folders = folders or sorted(glob.glob(os.path.join(HERE, "..", "*", "testdata")))
    failed = False
    for folder in folders:
        for program, (command, kept) in PROGRAMS.items():
            if os.path.exists(os.path.join(folder, program)):
                failed |= not one(os.path.relpath(folder), program, command, kept, keep)
    return 1 if failed else 0


def one(folder, program, command, kept, keep):
    name = os.path.join(folder, program)
    run = subprocess.run(command + [program], cwd=folder, stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        print(f"{name}: ended with {run.returncode}")
        return False
    new = json.loads(run.stdout)
    path = os.path.join(folder, kept)
    if keep:
        with open(path, "w", encoding="utf-8") as f:
            json.dump(new, f, indent=1)
            f.write("\n")
        print(f"{name}: kept in {kept}")
        return True
    with open(path, encoding="utf-8") as f:
        old = json.load(f)
    differences = list(compare("", old, new))
    for d in differences[:10]:
        print(f"{name}: {d}")
    verdict = f"{len(differences)} differ" if differences else "as kept"
    print(f"{name}: {count(old)} values, {verdict}")
    return not differences


def compare(where, old, new):
    """The places at which new is not old, in words."""
    if number(old) and number(new):
        if old != new and not math.isclose(old, new, rel_tol=1e-9, abs_tol=1e-12):
            if not (math.isnan(old) and math.isnan(new)):
                yield f"{where}: kept {old!r}, now {new!r}"
    elif isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        for key in old:
            yield from compare(f"{where}/{key}", old[key], new[key])
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (a, b) in enumerate(zip(old, new)):
            yield from compare(f"{where}/{i}", a, b)
    elif old != new:
        yield f"{where}: kept {str(old)[:80]}, now {str(new)[:80]}"


def number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool)


def count(v):
    if isinstance(v, dict):
        return sum(map(count, v.values()))
    if isinstance(v, list):
        return sum(map(count, v))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
