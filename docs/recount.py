"""Count a Linli vote again: python recount.py URL-or-file of its recount.json. Nothing but Python's own library."""
import hashlib, json, sys, urllib.request
from fractions import Fraction as F

at = sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)
data = json.load(urllib.request.urlopen(at) if "://" in at else open(at, encoding="utf-8"))
rule, method, options, result = data["rule"], data["method"], [o["code"] for o in data["options"]], data["result"]
lines = [f"{r['seq']}\t{r['salt']}\t{r['heads']}\t{r['area_m2']}\t{r['state']}\n" for r in data["roll"]["lines"]]
roll_fits = hashlib.sha256("".join(lines).encode()).hexdigest() == data["roll"]["hash"]
if not result: sys.exit(f"roll {roll_fits}, not counted yet" if roll_fits else "roll False: its lines do not give its hash")
front = (result["winners"] or result["tied"] or [""])[0]  # of several options the one in front
yes = "consent" if method == "consent" else "yes" if {"yes", "no"} <= set(options) else front
def total(rows, of): return sum((F(r[of]) for r in rows), F(0))
def points(c, o): return c.get(o, 0) if isinstance(c, dict) else o in ([c] if isinstance(c, str) else c[:1] if method == "ranking" else c)
def sums(o, of): return sum((points(b["choice"], o) * F(b[of]) for b in data["ballots"]), F(0))
def part(name, of):
    if name == "roll": return total([r for r in data["roll"]["lines"] if r["state"] == "voting"], of)
    if name == "present": return total(data["ballots"], of)
    if name == "decided": return sum((sums(o, of) for o in options if o != "abstain"), F(0))
    return sums(yes if name == "yes" else "objection" if method == "consent" else "", of)
def met(c):
    of, sign = "heads" if c["of"] == "heads" else "area_m2", next(s for s in ("at_least", "more_than", "at_most") if s in c)
    have, whole = part(c["part"], of), part(c["over"], of)
    bar = F(c[sign]) * whole
    return have <= bar if sign == "at_most" else whole > 0 and (have >= bar if sign == "at_least" else have > bar)
same = all(sums(o, of) == F(result["options"][o][of]) for o in options for of in ("heads", "area_m2"))
found = [met(c) for c in rule["conditions"]]  # a rule in which silence counts is counted by the page, not here
outcome = "no_quorum" if not all(ok for c, ok in zip(rule["conditions"], found) if c["part"] == "present") else "tie" if result["tied"] and not result["winners"] and yes == front and not rule.get("consent") else "adopted" if all(found) else "rejected"
print("roll", roll_fits, "sums", same, "conditions", found, "outcome", outcome, "published", result["outcome"])
sys.exit(0 if roll_fits and same and outcome == result["outcome"] else 1)
