#!/usr/bin/env python3
"""prelude_values.py > prelude_values.txt -- what distributions are and how they slope, by mpmath.

Written from the definitions in the Stan functions reference; cumulatives are integrals or sums of
the densities, except where mpmath has them. One line a call at one point:

    NAME INTS | REALS | VALUE | SLOPE...

NAME is called with the ints, then the reals (outcome first), as `NAME(i | i, ..., r, ...)`. SLOPES
are those by the reals. test_prelude.py reads the table.
"""
import sys

import mpmath as mp

mp.mp.dps = 40
pi, log, exp, gamma, sqrt = mp.pi, mp.log, mp.exp, mp.gamma, mp.sqrt


def phi(z):
    return exp(-z * z / 2) / sqrt(2 * pi)


def Phi(z):
    return mp.erfc(-z / sqrt(2)) / 2


def P(a, x):
    return mp.gammainc(a, 0, x, regularized=True)


def Q(a, x):
    return mp.gammainc(a, x, mp.inf, regularized=True)


def I(a, b, x):
    return mp.betainc(a, b, 0, x, regularized=True)


def integral(density, low, high):
    """Over (low, high) in pieces, so that the mass is found."""
    if low == -mp.inf:
        grid = [high - step for step in (200, 40, 15, 6, 2.5, 1)]
        grid = [low] + grid + [high]
    elif high == mp.inf:
        grid = [low] + [low + step for step in (1, 2.5, 6, 15, 40, 200)] + [high]
    else:
        grid = mp.linspace(low, high, 9)
    return mp.quad(density, grid)


CONTINUOUS = {}  # name: density, (lower tail, upper tail) or None, points


def add(name, density, tails, points):
    CONTINUOUS[name] = (density, tails, points)


# ---- the whole line
add("normal", lambda y, m, s: phi((y - m) / s) / s,
    (lambda y, m, s: Phi((y - m) / s), lambda y, m, s: Phi((m - y) / s)),
    [(0.3, -0.2, 1.7), (25, 1, 1.5), (-30, 0, 1)])
add("std_normal", phi, (Phi, lambda y: Phi(-y)), [(0.7,), (-35,), (12,)])


def exp_mod_normal(y, m, s, r):
    return r / 2 * exp(r / 2 * (2 * m + r * s * s - 2 * y)) * mp.erfc((m + r * s * s - y) / (sqrt(2) * s))


def exp_mod_normal_below(y, m, s, r):
    return Phi((y - m) / s) - exp(r * (m - y) + (r * s) ** 2 / 2) * Phi((y - m - r * s * s) / s)


add("exp_mod_normal", exp_mod_normal,
    (exp_mod_normal_below, lambda *a: 1 - exp_mod_normal_below(*a)),
    [(0.4, 0.1, 1.2, 0.8), (-3.0, 0.5, 1.1, 2.0), (9.0, 0.5, 1.1, 0.7)])


def owen(h, a):
    return mp.quad(lambda x: exp(-h * h * (1 + x * x) / 2) / (1 + x * x), mp.linspace(0, a, 5)) / (2 * pi)


add("skew_normal", lambda y, m, s, a: 2 / s * phi((y - m) / s) * Phi(a * (y - m) / s),
    (lambda y, m, s, a: Phi((y - m) / s) - 2 * owen((y - m) / s, a),
     lambda y, m, s, a: Phi((m - y) / s) + 2 * owen((y - m) / s, a)),
    [(0.4, 0.1, 1.2, 1.8), (-1.0, 0.5, 1.1, -2.0), (3.0, 0.5, 1.1, 0.7)])


def student(y, n, m, s):
    return gamma((n + 1) / 2) / gamma(n / 2) / sqrt(n * pi) / s * (1 + ((y - m) / s) ** 2 / n) ** (-(n + 1) / 2)


def student_below(y, n, m, s):
    z = (y - m) / s
    half = I(n / 2, mp.mpf(1) / 2, n / (n + z * z)) / 2
    return half if z < 0 else 1 - half


add("student_t", student, (student_below, lambda y, n, m, s: student_below(-y, n, -m, s)),
    [(0.3, 4.5, -0.2, 1.7), (-40, 2.5, 1, 1.5), (60, 30, 0, 1), (-3, 200, 0.2, 0.7), (5, 3e5, 0, 2)])
add("cauchy", lambda y, m, s: 1 / (pi * s * (1 + ((y - m) / s) ** 2)),
    (lambda y, m, s: mp.atan2(s, m - y) / pi, lambda y, m, s: mp.atan2(s, y - m) / pi),
    [(0.3, -0.2, 1.7), (1e6, 1, 1.5), (-1e9, 0, 1)])
add("double_exponential", lambda y, m, s: exp(-abs(y - m) / s) / (2 * s),
    (lambda y, m, s: exp((y - m) / s) / 2 if y < m else 1 - exp((m - y) / s) / 2,
     lambda y, m, s: exp((m - y) / s) / 2 if y > m else 1 - exp((y - m) / s) / 2),
    [(0.3, -0.2, 1.7), (70, 1, 1.5), (-500, 0, 0.5)])
add("logistic", lambda y, m, s: exp((m - y) / s) / s / (1 + exp((m - y) / s)) ** 2,
    (lambda y, m, s: 1 / (1 + exp((m - y) / s)), lambda y, m, s: 1 / (1 + exp((y - m) / s))),
    [(0.3, -0.2, 1.7), (90, 1, 1.5), (-800, 0, 0.8)])
add("gumbel", lambda y, m, s: exp((m - y) / s - exp((m - y) / s)) / s,
    (lambda y, m, s: exp(-exp((m - y) / s)), lambda y, m, s: -mp.expm1(-exp((m - y) / s))),
    [(0.3, -0.2, 1.7), (90, 1, 1.5), (-4, 0, 1.2)])


def skew_laplace(y, m, s, t):
    return 2 * t * (1 - t) / s * exp(-2 * ((1 - t) * (m - y) if y < m else t * (y - m)) / s)


add("skew_double_exponential", skew_laplace,
    (lambda y, m, s, t: t * exp(2 * (1 - t) * (y - m) / s) if y < m else 1 - (1 - t) * exp(-2 * t * (y - m) / s),
     lambda y, m, s, t: (1 - t) * exp(-2 * t * (y - m) / s) if y >= m else 1 - t * exp(2 * (1 - t) * (y - m) / s)),
    [(0.3, -0.2, 1.7, 0.3), (30, 1, 1.5, 0.6), (-20, 0, 0.5, 0.9)])

# ---- positive
add("lognormal", lambda y, m, s: phi((log(y) - m) / s) / (y * s),
    (lambda y, m, s: Phi((log(y) - m) / s), lambda y, m, s: Phi((m - log(y)) / s)),
    [(0.3, -0.2, 1.7), (1e9, 1, 1.5), (1e-8, 0, 1)])
add("chi_square", lambda y, n: y ** (n / 2 - 1) * exp(-y / 2) / (2 ** (n / 2) * gamma(n / 2)),
    (lambda y, n: P(n / 2, y / 2), lambda y, n: Q(n / 2, y / 2)),
    [(2.1, 3.5), (90, 7), (0.001, 0.9)])
add("inv_chi_square", lambda y, n: y ** (-n / 2 - 1) * exp(-1 / (2 * y)) / (2 ** (n / 2) * gamma(n / 2)),
    (lambda y, n: Q(n / 2, 1 / (2 * y)), lambda y, n: P(n / 2, 1 / (2 * y))),
    [(0.3, 3.5), (0.01, 7), (40, 0.9)])


def scaled_inv(y, n, s):
    h = n / 2
    return h ** h / gamma(h) * s ** n * y ** (-h - 1) * exp(-h * s * s / y)


add("scaled_inv_chi_square", scaled_inv,
    (lambda y, n, s: Q(n / 2, n * s * s / (2 * y)), lambda y, n, s: P(n / 2, n * s * s / (2 * y))),
    [(0.3, 3.5, 1.2), (0.1, 7, 1.5), (40, 0.9, 0.4)])
add("exponential", lambda y, b: b * exp(-b * y),
    (lambda y, b: -mp.expm1(-b * y), lambda y, b: exp(-b * y)), [(0.3, 1.7), (90, 3), (1e-9, 0.2)])
add("gamma", lambda y, a, b: b ** a / gamma(a) * y ** (a - 1) * exp(-b * y),
    (lambda y, a, b: P(a, b * y), lambda y, a, b: Q(a, b * y)),
    [(0.3, 1.7, 0.8), (90, 3, 1.5), (0.001, 2.5, 0.3), (110, 120, 1.1)])
add("inv_gamma", lambda y, a, b: b ** a / gamma(a) * y ** (-a - 1) * exp(-b / y),
    (lambda y, a, b: Q(a, b / y), lambda y, a, b: P(a, b / y)),
    [(0.3, 1.7, 0.8), (90, 3, 1.5), (0.02, 2.5, 1.3)])
add("weibull", lambda y, a, s: a / s * (y / s) ** (a - 1) * exp(-(y / s) ** a),
    (lambda y, a, s: -mp.expm1(-(y / s) ** a), lambda y, a, s: exp(-(y / s) ** a)),
    [(0.3, 1.7, 0.8), (20, 1.5, 1.2), (1e-12, 2.5, 1.3)])
add("frechet", lambda y, a, s: a / s * (y / s) ** (-a - 1) * exp(-(y / s) ** -a),
    (lambda y, a, s: exp(-(y / s) ** -a), lambda y, a, s: -mp.expm1(-(y / s) ** -a)),
    [(0.3, 1.7, 0.8), (1e9, 3.5, 1.2), (0.2, 2.5, 1.3)])
add("rayleigh", lambda y, s: y / s ** 2 * exp(-(y / s) ** 2 / 2),
    (lambda y, s: -mp.expm1(-(y / s) ** 2 / 2), lambda y, s: exp(-(y / s) ** 2 / 2)),
    [(0.3, 1.7), (40, 1.2), (1e-9, 2.5)])
add("loglogistic", lambda y, a, b: b / a * (y / a) ** (b - 1) / (1 + (y / a) ** b) ** 2, None,
    [(0.3, 1.7, 0.8), (1e5, 3.5, 1.2), (0.002, 2.5, 1.3)])
add("pareto", lambda y, m, a: a * m ** a * y ** (-a - 1),
    (lambda y, m, a: 1 - (m / y) ** a, lambda y, m, a: (m / y) ** a),
    [(3, 1.7, 0.8), (1e7, 0.3, 2.2), (1.00001, 1, 1.3)])
add("pareto_type_2", lambda y, m, s, a: a / s * (1 + (y - m) / s) ** (-a - 1),
    (lambda y, m, s, a: 1 - (1 + (y - m) / s) ** -a, lambda y, m, s, a: (1 + (y - m) / s) ** -a),
    [(3, 1.7, 0.8, 1.1), (1e7, 0.3, 2.2, 0.8), (0.00001, 0, 1.3, 2)])

# ---- bounded
add("beta", lambda y, a, b: y ** (a - 1) * (1 - y) ** (b - 1) / mp.beta(a, b),
    (lambda y, a, b: I(a, b, y), lambda y, a, b: I(b, a, 1 - y)),
    [(0.3, 1.7, 0.8), (0.01, 20, 2.5), (0.99, 0.5, 30)])


def beta_proportion(f):
    return lambda y, m, k: f(y, m * k, (1 - m) * k)


add("beta_proportion", beta_proportion(CONTINUOUS["beta"][0]),
    tuple(beta_proportion(f) for f in CONTINUOUS["beta"][1]),
    [(0.3, 0.7, 1.8), (0.02, 0.6, 22), (0.9, 0.3, 12)])
add("uniform", lambda y, a, b: 1 / (b - a),
    (lambda y, a, b: (y - a) / (b - a), lambda y, a, b: (b - y) / (b - a)),
    [(0.3, -1.2, 1.7), (0.99, 0, 1)])


def von_mises(y, m, k):
    return exp(k * mp.cos(y - m)) / (2 * pi * mp.besseli(0, k))


add("von_mises", von_mises,
    (lambda y, m, k: mp.quad(lambda x: von_mises(x, m, k), mp.linspace(-pi, y, 9)),
     lambda y, m, k: mp.quad(lambda x: von_mises(x, m, k), mp.linspace(y, pi, 9))),
    [(0.3, -0.4, 1.7), (-2.2, 1.5, 12), (2.5, 2.9, 0.2), (0.4, 0.1, 60)])


def first_passage(y, a, tau, b, d, s=0):
    """Density at the upper limit: the series of images, Navarro and Fuss 2009, equation 5."""
    t, w = y - tau, 1 - b
    u = t / a ** 2
    f = mp.fsum((w + 2 * k) * exp(-(w + 2 * k) ** 2 / (2 * u)) for k in range(-30, 31))
    v = 1 + s * s * t
    return f / sqrt(2 * pi * u ** 3) / a ** 2 / sqrt(v) * exp(
        ((s * a * w) ** 2 + 2 * d * a * w - d * d * t) / (2 * v))


def first_passage_spread(y, a, tau, b, d, s, range_b, range_tau):
    """The mean over a range of b and a range of tau from tau on, by Gauss-Legendre rules of panels that get narrower."""
    def rule(low, high, edges, points):
        for x, w in points:
            for i in range(len(edges) - 1):
                half = (edges[i + 1] - edges[i]) * (high - low) / 2
                yield low + (high - low) * edges[i] + half * (1 + x), w * half
    last = y - tau
    first = max(last - range_tau, 0)
    points = mp.calculus.quadrature.GaussLegendre(mp.mp).calc_nodes(3, 130)
    edges = [mp.mpf(x) for x in (0, "0.005", "0.03", "0.1", "0.3", 1)]
    total = mp.mpf(0)
    for t, w in rule(first, last, edges, points):
        for c, v in rule(b - range_b / 2, b + range_b / 2, [mp.mpf(0), mp.mpf(1)], points):
            u, near, k = t / a ** 2, 1 - c, 1 + s * s * t
            f = mp.fsum((near + 2 * j) * exp(-(near + 2 * j) ** 2 / (2 * u)) for j in range(-5, 6))
            total += w * v * f / sqrt(2 * pi * u ** 3) / sqrt(k) * exp(
                ((s * a * near) ** 2 + 2 * d * a * near - d * d * t) / (2 * k))
    return total / a ** 2 / range_b / range_tau


add("wiener", first_passage, None,
    [(0.8, 1.2, 0.2, 0.4, 0.7), (4.5, 1.1, 0.3, 0.6, -1.2), (0.45, 1.6, 0.4, 0.5, 0.3)])

# ---- integers: mass by ints (outcome first) and reals, cumulatives as sums
DISCRETE = {}


def discrete(name, mass, cases, tails=True, first=0):
    DISCRETE[name] = (mass, cases, tails, first)


def choose(n, k):
    return mp.binomial(n, k)


def logistic(x):
    return 1 / (1 + exp(-x))


discrete("bernoulli", lambda y, t: t if y else 1 - t, [((0,), (0.3,)), ((1,), (1e-9,)), ((0,), (1e-9,))])
discrete("bernoulli_logit", lambda y, a: logistic(a if y else -a), [((0,), (0.3,)), ((1,), (-40,)), ((1,), (3,))],
         False)
discrete("binomial", lambda n, N, t: choose(N, n) * t ** n * (1 - t) ** (N - n),
         [((3, 10), (0.3,)), ((0, 7), (0.02,)), ((7, 7), (0.9,)), ((40, 500), (0.2,))])
discrete("binomial_logit",
         lambda n, N, a: choose(N, n) * logistic(a) ** n * logistic(-a) ** (N - n),
         [((3, 10), (0.3,)), ((0, 7), (-8,)), ((7, 7), (20,))], False)
discrete("beta_binomial", lambda n, N, a, b: choose(N, n) * mp.beta(n + a, N - n + b) / mp.beta(a, b),
         [((3, 10), (0.3, 2.5)), ((0, 7), (20, 3)), ((6, 7), (1.2, 0.9))])
discrete("poisson", lambda n, r: r ** n * exp(-r) / mp.factorial(n),
         [((3,), (0.3,)), ((0,), (12,)), ((90,), (40,))])
discrete("poisson_log", lambda n, a: exp(n * a - exp(a)) / mp.factorial(n),
         [((3,), (0.3,)), ((0,), (2.5,)), ((90,), (4,))], False)
discrete("neg_binomial",
         lambda n, a, b: gamma(n + a) / (gamma(a) * mp.factorial(n)) * (b / (b + 1)) ** a / (b + 1) ** n,
         [((3,), (0.3, 0.7)), ((0,), (12, 3)), ((90,), (40, 1.5))])


def neg_binomial_2(n, m, p):
    return gamma(n + p) / (gamma(p) * mp.factorial(n)) * (m / (m + p)) ** n * (p / (m + p)) ** p


discrete("neg_binomial_2", neg_binomial_2, [((3,), (0.3, 0.7)), ((0,), (12, 3)), ((90,), (40, 1e6))])
discrete("neg_binomial_2_log", lambda n, e, p: neg_binomial_2(n, exp(e), p),
         [((3,), (0.3, 0.7)), ((0,), (2, 3)), ((90,), (4, 1e6))], False)
discrete("beta_neg_binomial",
         lambda n, r, a, b: gamma(n + r) / (gamma(r) * mp.factorial(n)) * mp.beta(n + b, r + a) / mp.beta(a, b),
         [((3,), (0.3, 0.7, 2)), ((0,), (12, 3, 4)), ((12,), (4, 1.6, 1))])
discrete("yule_simon", lambda n, a: a * mp.beta(n, a + 1), [((3,), (0.3,)), ((1,), (2.5,)), ((40,), (1.6,))], True, 1)


def show(x):
    return mp.nstr(x, 18, min_fixed=0, max_fixed=0)


def line(name, ints, reals, f):
    shown = [repr(float(r)) for r in reals]
    reals = [mp.mpf(float(r)) for r in reals]
    slopes = []
    for i in range(len(reals)):
        step = max(abs(reals[i]), mp.mpf(1)) * mp.mpf(10) ** -9 * (1 if reals[i] == 0 else min(1, abs(reals[i])))

        def at(k):
            return f(*reals[:i], reals[i] + k * step, *reals[i + 1:])
        slopes.append((8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step))
    print(name, *ints, "|", *shown, "|", show(f(*reals)), "|", *map(show, slopes))


def main():
    for name, (density, tails, points) in CONTINUOUS.items():
        for reals in points:
            line(name + "_lpdf", (), reals, lambda *a: log(density(*a)))
            if tails:
                line(name + "_lcdf", (), reals, lambda *a: log(tails[0](*a)))
                line(name + "_lccdf", (), reals, lambda *a: log(tails[1](*a)))
                if name != "beta_proportion":  # Stan has none
                    line(name + "_cdf", (), reals, tails[0])
    for reals in [(0.8, 1.2, 0.2, 0.4, 0.7, 0.9)]:
        line("wiener_lpdf", (), reals, lambda *a: log(first_passage(*a)))
    digits, mp.mp.dps = mp.mp.dps, 32
    for reals in [(0.5, 1.2, 0.2, 0.5, 0.8, 0.4, 0.3, 0.2), (0.45, 1.4, 0.3, 0.4, 0.6, 0.3, 0.2, 0.4)]:
        line("wiener_lpdf", (), reals, lambda *a: log(first_passage_spread(*a)))
    mp.mp.dps = digits
    for name, (mass, cases, tails, first) in DISCRETE.items():
        for ints, reals in cases:
            def below(*a):
                return mp.fsum(mass(k, *ints[1:], *a) for k in range(first, ints[0] + 1))

            def beyond(*a):
                if len(ints) > 1:
                    return mp.fsum(mass(k, *ints[1:], *a) for k in range(ints[0] + 1, ints[1] + 1))
                return 1 - below(*a)
            line(name + "_lpmf", ints, reals, lambda *a: log(mass(*ints, *a)))
            last = ints[1] if len(ints) > 1 else (1 if name == "bernoulli" else None)
            if not tails or last == ints[0]:
                continue
            line(name + "_lcdf", ints, reals, lambda *a: log(below(*a)))
            line(name + "_cdf", ints, reals, below)
            line(name + "_lccdf", ints, reals, lambda *a: log(beyond(*a)))
    functions()


def student_t_quantile(p, nu, mu, sigma):
    def below(t):
        tail = I(nu / 2, mp.mpf(1) / 2, nu / (nu + t * t)) / 2
        return (tail if t < 0 else 1 - tail) - p
    return mu + sigma * mp.findroot(below, (-40, 40), solver="bisect", maxsteps=140, tol=1e-60, verify=False)


def functions():
    """Functions that are no distributions, by the same table."""
    for x in [(0.4,), (3.7,), (-1.3,), (12.5,)]:
        line("trigamma", (), x, lambda x: mp.psi(1, x))
    for reals in [(0.3, 1.7), (2.5, 0.4), (7.0, 33.0), (61.5, 20.0)]:
        line("log_modified_bessel_first_kind", (), reals, lambda v, z: log(mp.besseli(v, z)))
    for reals in [(0.1, 4.5, 0.3, 1.2), (0.5, 3.0, 0.3, 1.2), (0.83, 2.5, -1.0, 0.7), (0.01, 7.0, 0.0, 1.0)]:
        line("student_t_qf", (), reals, student_t_quantile)
    for reals in [(0.5, 1.2, 2.3, 0.3), (3.5, -1.2, 0.7, -5.0), (20.0, -30.5, 40.0, 0.5)]:
        line("hypergeometric_2F1", (), reals, mp.hyp2f1)
    for ints in [(14, 4), (30, 15), (5, 0), (5, 6)]:
        line("choose", ints, (), lambda: mp.binomial(*ints))
    for order in (0, 1, 3):
        for name, f in [("bessel_first_kind", mp.besselj), ("bessel_second_kind", mp.bessely),
                        ("modified_bessel_first_kind", mp.besseli), ("modified_bessel_second_kind", mp.besselk)]:
            line(name, (order,), (2.3,), lambda z: f(order, z))


if __name__ == "__main__":
    sys.exit(main())
