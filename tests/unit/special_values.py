#!/usr/bin/env python3
"""special_values.py > special_values.h -- reference values for test_special, by mpmath (1.4.1) in 60 digits.

Per function an array of rows: arguments, value. The arguments are doubles, taken as exact.
"""
import sys

import mpmath as mp
from mpmath import mpf

mp.mp.dps = 60
TINY, HUGE = 2.0 ** -1022, 1.7e308
INF = float("inf")


def text(v):
    """A double that reads back as the same; v may be of any precision."""
    v = float(v)
    if v != v:
        return "NAN"
    if v in (INF, -INF):
        return "INFINITY" if v > 0 else "-INFINITY"
    return repr(v)


def table(name, f, points):
    cells = []
    for p in points:
        args = [float(a) for a in (p if isinstance(p, tuple) else (p,))]
        cells += [text(a) for a in args]
        value = f(*[mpf(a) for a in args])
        cells.append(text(value.real if isinstance(value, mp.mpc) else value))
    lines, line = [], "   "
    for c in cells:
        if len(line) + len(c) + 2 > 100:
            lines.append(line)
            line = "   "
        line += " " + c + ","
    lines.append(line)
    print(f"static const double ref_{name}[] = {{")
    print("\n".join(lines).rstrip(",") + "};")


def both(points):
    return sorted({s * p for p in points for s in (1.0, -1.0)})


def grid(*values):
    return [float(v) for v in values]


SMALL = grid(TINY, 1e-300, 1e-100, 1e-20, 1e-9, 3e-5, 1e-3, 0.03)
MIDDLE = grid(0.1, 0.25, 0.3, 0.49999999999999994, 0.5, 0.7, 0.9, 0.99, 1, 1.0000001, 1.1, 1.4616, 1.5, 1.9, 2,
              2.1, 2.5, 3, 3.7, 5, 6.5, 7.999, 8, 8.001, 10, 13.2, 20)
LARGE = grid(31, 50.5, 99, 171, 300, 1e3, 12345.678, 1e6, 1e9, 1e12)
HUGES = grid(1e15, 1e20, 1e50, 1e100, 1e150, 1e200, 1e300)
POSITIVE = SMALL + MIDDLE + LARGE + HUGES
ALL = both(POSITIVE)
ANGLES = both(SMALL + MIDDLE + LARGE + grid(1e15, 1e20, 1e100))
UNIT = both(SMALL + grid(0.1, 0.25, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999999, 1 - 2.0 ** -53))
TOP = grid(-744, -700, -300, -100, -37, -20, -5, -1, -0.69, -0.7, -0.1, -1e-3, -1e-10, -1e-20, 1e-20, 1e-10, 1e-3,
           0.1, 0.5, 0.69, 1, 2, 5, 17, 37, 100, 300, 700, 709.7)


def elementary():
    for name, f, points in [
            ("exp", mp.exp, TOP), ("expm1", mp.expm1, TOP), ("exp2", lambda x: mpf(2) ** x, TOP),
            ("log", mp.log, POSITIVE), ("log2", lambda x: mp.log(x, 2), POSITIVE), ("log10", mp.log10, POSITIVE),
            ("log1p", mp.log1p, [p for p in ALL if p > -1]), ("sqrt", mp.sqrt, POSITIVE),
            ("cbrt", lambda x: mp.sign(x) * mp.cbrt(abs(x)), ALL),
            ("sin", mp.sin, ANGLES), ("cos", mp.cos, ANGLES), ("tan", mp.tan, ANGLES),
            ("asin", mp.asin, UNIT), ("acos", mp.acos, UNIT), ("atan", mp.atan, ALL),
            ("sinh", mp.sinh, both(SMALL + grid(0.5, 1, 3, 20, 300, 709))),
            ("cosh", mp.cosh, both(SMALL + grid(0.5, 1, 3, 20, 300, 709))),
            ("tanh", mp.tanh, both(SMALL + grid(0.5, 1, 3, 17, 20, 300, 1e10))),
            ("asinh", mp.asinh, ALL), ("acosh", mp.acosh, [p for p in POSITIVE if p >= 1]),
            ("atanh", mp.atanh, UNIT), ("erf", mp.erf, both(SMALL + grid(0.3, 0.5, 1, 2, 3, 5, 6, 10))),
            ("erfc", mp.erfc, both(SMALL + grid(0.3, 0.5, 1, 2, 3, 5, 6, 10, 15, 20, 26))),
            ("tgamma", mp.gamma, [p for p in SMALL[1:] + MIDDLE + grid(31, 50.5, 99, 170, 171.6)]
             + grid(-0.5, -1.5, -0.1, -3.7, -20.5, -100.3, -170.5)),
            ("log1p_exp", lambda x: mp.log1p(mp.exp(x)), TOP + [1e10]),
            ("log1m_exp", lambda x: mp.log(-mp.expm1(x)) if x > -1 else mp.log1p(-mp.exp(x)), [p for p in TOP if p < 0] + [-1e-300]),
            ("log1m", lambda x: mp.log1p(-x), [p for p in ALL if p < 1]),
            ("inv_logit", lambda x: 1 / (1 + mp.exp(-x)), TOP),
            ("logit", lambda x: mp.log(x / (1 - x)), [p for p in UNIT if p > 0]),
            ("log_inv_logit", lambda x: -mp.log1p(mp.exp(-x)), TOP + [-1e10]),
            ("log1m_inv_logit", lambda x: -mp.log1p(mp.exp(x)), TOP + [1e10]),
            ("inv_cloglog", lambda x: -mp.expm1(-mp.exp(x)), [p for p in TOP if p < 10])]:
        table(name, f, points)
    for name, f in [("floor", mp.floor), ("ceil", mp.ceil),
                    ("trunc", lambda x: mp.sign(x) * mp.floor(abs(x))),
                    ("round", lambda x: mp.sign(x) * mp.floor(abs(x) + mpf("0.5")))]:
        table(name, f, both(SMALL + MIDDLE + LARGE + HUGES + [2.0 ** 52 - 0.5, 2.0 ** 53 - 1]))
    table("pow", lambda x, y: x ** y, [
        (x, y) for x in grid(1e-300, 1e-10, 0.3, 0.999999, 1, 1.0000001, 2, 17.3, 1e10, 1e200)
        for y in grid(-1.5, -1, -0.01, 0, 1e-10, 0.5, 1, 2, 3.3) if abs(mp.log(x) * y) < 700]
          + [(-2.0, 3.0), (-2.0, 4.0), (-0.5, -3.0)])
    quadrants = [(a, b) for a in both([1e-300, 1e-5, 1, 3, 1e10]) for b in both([1e-200, 0.1, 1, 7, 1e20])]
    table("atan2", mp.atan2, quadrants)
    table("hypot", mp.hypot, quadrants + [(3e200, 4e200), (3e-200, 4e-200)])
    pairs = [(a, b) for a in grid(-1e5, -800, -20, -1, 0, 1e-9, 3, 700, 1e10)
             for b in grid(-1e5, -799, -20.5, -1, 0.5, 3, 710)]
    table("log_sum_exp2", lambda a, b: max(a, b) + mp.log1p(mp.exp(-abs(a - b))), pairs)
    table("log_diff_exp", lambda a, b: a + mp.log1p(-mp.exp(b - a)),
          [p for p in pairs if p[0] > p[1]] + [(1, 1 - 1e-10), (-30, -30 - 2.0 ** -40)])


def log_gamma(x):
    return mp.log(abs(mp.gamma(x))) if x < 1e6 else mp.loggamma(x)


def digamma(x):
    return mp.digamma(x)


def lbeta(a, b):
    with mp.workdps(700):
        return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def lchoose(n, k):
    with mp.workdps(700):
        return mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)


def rising(x, n):
    with mp.workdps(700):
        return (mp.loggamma(x + n) - mp.loggamma(x)).real


def gammas():
    negative = grid(-1e-10, -0.01, -0.3, -0.5, -0.99, -1.5, -2.457, -3.7, -7.3, -8.6, -20.5, -100.25, -1e4 - 0.125)
    table("lgamma", log_gamma, POSITIVE + negative)
    table("digamma", digamma, POSITIVE + negative)
    table("trigamma", lambda x: mp.psi(1, x), [p for p in POSITIVE if 1e-150 < p < 1e300] + negative)
    table("tetragamma", lambda x: mp.psi(2, x), [p for p in POSITIVE if 1e-100 < p < 1e150] + negative)
    pairs = [(a, b) for a in grid(1e-300, 1e-10, 0.01, 0.5, 1, 2.5, 7.9, 8, 30, 1e3, 1e6, 1e10, 1e20)
             for b in grid(1e-100, 0.1, 1, 3, 8.5, 100, 1e5, 1e15, 1e100)]
    table("lbeta", lbeta, pairs)
    table("lchoose", lchoose, [(5, 2), (5, 0), (0, 0), (5, 5), (10, 5), (7.5, 2.25), (100, 50), (1000, 3), (1e6, 5e5),
                               (1e10, 3), (1e15, 1e5), (0.5, 0.25), (-0.5, -0.25), (50, 49), (1, 0.5)])
    table("log_rising_factorial", rising, [
        (x, n) for x in grid(1e-10, 0.3, 1, 4.5, 8, 100, 1e6, 1e12) for n in grid(1e-3, 0.5, 1, 3, 10, 1e4, 1e10, 1e50)]
          + [(10, -3), (10, -9.5), (1e5, -7)])
    table("log_falling_factorial", lambda x, n: rising(x - n + 1, n),
          [(5, 2), (5, 5), (10, 3.5), (1e4, 10), (1e10, 3), (3.5, 3)])


def phi(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def normals():
    points = both(SMALL + grid(0.1, 0.3, 0.5, 0.9, 1, 1.5, 2, 3, 4, 5, 6, 8, 8.3, 10, 15, 20, 25, 30, 35, 37, 37.5))
    far = [-40.0, -100.0, -1e3, -1e5, -1e10, -1e100]
    hazard = lambda x: (mp.npdf(x) / phi(x)) if x > -1e7 else -x
    table("Phi", phi, points)
    table("std_normal_lcdf", lambda x: (mp.log(phi(x)) if x < 5 else mp.log1p(-phi(-x))) if x > -1e20 else -x * x / 2,
          points + far)
    table("std_normal_lccdf", lambda x: mp.log(phi(-x)) if x > -5 else mp.log1p(-phi(x)), points)
    table("std_normal_hazard_lower", hazard, points + far)

    def quantile(p):
        y = mp.findroot(lambda z: mp.log(phi(z)) - mp.log(p), -mp.sqrt(max(-2 * mp.log(p) - 2, mpf("0.5")))
                        if p < 0.4 else mpf(0)) if p < 0.6 else -quantile(1 - p)
        return y
    table("inv_Phi", quantile, grid(1e-300, 1e-200, 1e-100, 1e-20, 1e-12, 1e-11, 1e-5, 1e-3, 0.01, 0.07, 0.08, 0.2, 0.4,
                                    0.51, 0.6, 0.8, 0.92, 0.93, 0.99, 0.99999, 1 - 2.0 ** -40))


def lower_gamma(a, x):
    """P(a, x) by its series of positive terms (DLMF 8.11.4)."""
    term = total = mpf(1)
    n = 0
    while term > total * mp.eps:
        n += 1
        term *= x / (a + n)
        total += term
    return total * mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1))


def lower_beta(a, b, x):
    """I_x(a, b) by its series of positive terms (DLMF 8.17.8), from the side where it is short."""
    if x > (a + 1) / (a + b + 2):
        return 1 - lower_beta(b, a, 1 - x)
    term = total = mpf(1)
    n = 0
    while term > total * mp.eps:
        term *= (a + b + n) / (a + 1 + n) * x
        n += 1
        total += term
    log_beta = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
    return total * mp.exp(a * mp.log(x) + b * mp.log1p(-x) - log_beta) / a


def slope(f, x):
    h = x * mpf(10) ** -25
    return (f(x + h) - f(x - h)) / (2 * h)


def precise(f):
    """Digits to spare for one minus something near 1, and for differences."""
    def g(*args):
        with mp.workdps(320):
            return f(*args)
    return g


def incomplete():
    points = [(a, x) for a in grid(1e-10, 0.01, 0.3, 0.7, 1, 3.5, 7.9, 8, 20, 150)
              for x in grid(1e-10, 0.05, 0.9, 1.4, 2.5, 8, 19, 40, 140, 230, 500) if x < 60 + 4 * a]
    points += [(1000, 850), (1000, 999), (1000, 1001), (1000, 1200), (9999, 9500), (9999, 10000.5),
               (10001, 9000), (10001, 9700), (10001, 10000), (10001, 10001), (10001, 10400), (10001, 11000),
               (1e6, 995e3), (1e6, 1e6), (1e6, 1000100), (1e6, 1004e3)]
    points = [p for p in points if lower_gamma(mpf(p[0]), mpf(p[1])) > 1e-290]
    table("gamma_p", lower_gamma, points)
    table("gamma_q", precise(lambda a, x: 1 - lower_gamma(a, x)), points)
    table("gamma_p_da", precise(lambda a, x: slope(lambda t: lower_gamma(t, x), a)), points)
    points = [(a, b, x) for a in grid(0.01, 0.5, 1, 4.5, 30, 1000) for b in grid(0.3, 1, 2, 9, 120)
              for x in grid(1e-5, 0.1, 0.5, 0.8, 0.99)]
    points += [(1e4, 1e4, 0.49), (1e4, 1e4, 0.5), (1e4, 2e4, 0.34), (1e5, 10, 0.9999), (8, 8, 0.5), (1e5, 3e5, 0.251)]
    points = [p for p in points if lower_beta(*[mpf(v) for v in p]) > 1e-290]
    table("inc_beta", lower_beta, points)
    table("inc_beta_da", lambda a, b, x: slope(lambda t: lower_beta(t, b, x), a), points)
    table("inc_beta_db", lambda a, b, x: slope(lambda t: lower_beta(a, t, x), b), points)
    inner = lambda h, a: mp.exp(-h * h / 2) / (2 * mp.pi) * mp.quad(
        lambda x: mp.exp(-h * h * x * x / 2) / (1 + x * x), mp.linspace(0, min(a, 12 / h), 13))
    owen = lambda h, a: mp.sign(a) * inner(abs(h), abs(a))
    table("owens_t", owen, [(h, a) for h in grid(1e-10, 0.1, -1, 2.5, 6, 15, 30)
                            for a in grid(1e-10, 0.3, 0.99, 1, -1.01, 3, 20, 1e5)])


def bessels():
    points = [(v, z) for v in grid(0, 0.3, 1, 5, 20.5, 49, 51, 300, 1e5)
              for z in grid(1e-10, 0.1, 1, 7, 29, 31, 100, 590, 610, 5e3, 2e4)]

    def first(v, z):
        """log I_v(z) by its series of positive terms (DLMF 10.25.2)."""
        term = total = mpf(1)
        k = 0
        while term > total * mp.eps or k < z / 2:
            k += 1
            term *= z * z / 4 / (k * (v + k))
            total += term
        return v * mp.log(z / 2) - mp.loggamma(v + 1) + mp.log(total)
    table("log_modified_bessel_first_kind", first, points)
    table("log_modified_bessel_first_kind_dz", lambda v, z: mp.exp(first(v + 1, z) - first(v, z)) + v / z, points)
    table("log_modified_bessel_first_kind_dv", lambda v, z: slope(lambda t: first(t, z), v if v else mpf(0)) if v else
          (first(mpf(10) ** -30, z) - first(0, z)) * mpf(10) ** 30, points)
    points = [(n, z) for n in grid(0, 1, 2, -3, 10, 45) for z in grid(1e-9, 1e-3, 0.3, 0.99, 1, 3, 12, 24.9, 25, 60, 500)]
    def fits(f):
        return [p for p in points if 1e-290 < abs(f(int(p[0]), mpf(p[1]))) < 1e300]
    for name, f in [("modified_bessel_first_kind", mp.besseli), ("modified_bessel_second_kind", mp.besselk),
                    ("bessel_first_kind", mp.besselj), ("bessel_second_kind", mp.bessely)]:
        table(name, f, fits(f) + ([(2, -3.5), (3, -3.5)] if name.endswith("first_kind") else []))


def lambert():
    branch = grid(-0.3678794411714423, -0.36787944117, -0.3678, -0.365, -0.3605, -0.36, -0.35, -0.3, -0.2, -0.1, -0.01,
                  -1e-5, -1e-20, -1e-300)
    table("lambert_w0", mp.lambertw, branch + grid(1e-300, 1e-20, 1e-5, 0.01, 0.5, 1, 2, 3, 10, 100, 1e5, 1e20, 1e300))
    table("lambert_wm1", lambda x: mp.lambertw(x, -1), branch)


def steps():
    pairs = [(x, n) for x in grid(1e-10, 0.3, 1, 7.9, 8, 100, 1e6, 1e18) for n in grid(1e-9, 0.5, 3, 1e4, 1e10)]

    def rest(x, n):
        with mp.workdps(200):
            return mp.loggamma(x + n) - mp.loggamma(x) - n * mp.log(x + n)
    table("log_rising_rest", rest, [p for p in pairs if p[1] < 1e9])
    table("digamma_step", precise(lambda x, n: mp.digamma(x + n) - mp.digamma(x)), pairs)
    table("log1p_square", lambda x: mp.log1p(x * x), ALL)
    table("log1p_square_slope", lambda x: 2 * x / (1 + x * x), ALL)

    def part(u, w):
        with mp.workdps(80):
            return w * w / 2 - w * u + mp.log(phi(u - w))
    parts = [(u, w) for u in grid(-20, -3, -0.1, 0, 2, 15) for w in grid(1e-9, 0.3, 1, 5, 22)]
    table("log_exp_mod_part", part, parts)
    table("log_exp_mod_part_du", lambda u, w: -w + mp.npdf(u - w) / phi(u - w), parts)
    table("log_exp_mod_part_dw", lambda u, w: w - u - mp.npdf(u - w) / phi(u - w), parts)


def main():
    print("/* tests/unit/special_values.h -- made by special_values.py; arguments and value, row by row. */")
    elementary()
    gammas()
    normals()
    lambert()
    incomplete()
    bessels()
    steps()


if __name__ == "__main__":
    sys.exit(main())
