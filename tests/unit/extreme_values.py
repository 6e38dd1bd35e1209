#!/usr/bin/env python3
"""extreme_values.py > extreme_values.txt -- densities, tails and functions at extremes, by mpmath in 50 digits.

Written from the definitions in the Stan functions reference. One line a call at one point:

    NAME INTS | REALS | VALUE SLOPE... | NOISE...

SLOPES are those by the reals. NOISE says how well each of these numbers is defined by arguments that are doubles: of
the value f it is the sum of |x_i df/dx_i|, of the slope by x_j that of |x_i d(x_j df/dx_j)/dx_i|, over |x_j|, and one
unit of what f is measured in (1 for logarithms, |f| for others) more; x_i is 1 where it is 0. test_extremes.py reads
the table.
"""
import sys

import mpmath as mp

mp.mp.dps = 50
mpf, pi, log, exp, sqrt, log1p = mp.mpf, mp.pi, mp.log, mp.exp, mp.sqrt, mp.log1p
lgamma, half = mp.loggamma, mp.mpf(1) / 2
ROWS = []  # name, f(ints..., reals...), [(ints, reals)]


def add(name, f, *points):
    ROWS.append((name, f, [p if isinstance(p[0], tuple) else ((), p) for p in points]))


def log1m_exp(p):
    return log1p(-exp(p)) if p < -1 else log(-mp.expm1(p))


# ---- building blocks: logarithms of the normal's, the gamma's and the beta's tails


def log_phi(z):
    return -z * z / 2 - log(2 * pi) / 2


def log_below(z):
    """log Phi(z)"""
    if z > 0:
        return log1p(-exp(log_below(-z)))
    if z > -300:
        return log(mp.erfc(-z / sqrt(2)) / 2)
    term = total = mpf(1)  # the asymptotic series
    for k in range(1, 40):
        term *= -(2 * k - 1) / (z * z)
        total += term
    return log_phi(z) - log(-z) + log(total)


def gamma_tails(a, x):
    """log P(a, x), log Q(a, x)"""
    front = a * log(x) - x - lgamma(a + 1)
    if x < a + 1:
        term = total = mpf(1)
        n = 0
        while term > total * mp.eps:
            n += 1
            term *= x / (a + n)
            total += term
        p = front + log(total)
        return p, log1m_exp(p)
    b, d, n = x + 1 - a, 1 / (x + 1 - a), 0
    f, c = d, mpf(10) ** 300
    while True:
        n += 1
        top = n * (a - n)
        b += 2
        d = 1 / (b + top * d)
        c = b + top / c
        f *= c * d
        if abs(c * d - 1) < mp.eps * 4:
            break
    q = front + log(a * f)
    return log1m_exp(q), q


def log_beta(a, b):
    with mp.workdps(120):
        return lgamma(a) + lgamma(b) - lgamma(a + b)


def beta_tails(a, b, p, q):
    """log I and log(1 - I) at x = p / (p + q)"""
    if p * (b + 1) > q * (a + 1):
        return beta_tails(b, a, q, p)[::-1]
    x = p / (p + q)
    f = c = mpf(1)  # the continued fraction, DLMF 8.17.22, by Lentz's method
    d, n = mpf(0), 0
    while True:
        n += 1
        m = (n - 1) // 2 if n % 2 else n // 2
        if n % 2:
            top = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            top = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / (1 + top * d)
        c = 1 + top / c
        f *= c * d
        if abs(c * d - 1) < mp.eps * 4:
            break
    value = a * log(x) + b * (log(q) - log(p + q)) - log_beta(a, b) - log(a) - log(f)
    return value, log1m_exp(value)


def both(name, tails, *points):
    """tails(*arguments) -> log F, log(1 - F); rows for lcdf and lccdf"""
    add(name + "_lcdf", lambda *a: tails(*a)[0], *points)
    add(name + "_lccdf", lambda *a: tails(*a)[1], *points)


def swapped(pair):
    return pair[1], pair[0]


# ---- the whole line
CENTRE = [(0.0, 0.0, 1.0), (1e-9, 0.0, 1.0), (-1e-300, 0.0, 2.0), (3.0, 3.0, 1e-5)]
TAILS = [(40.0, 0.0, 1.0), (-40.0, 0.0, 1.0), (1e5, 1.0, 2.0), (-1e5, 1.0, 2.0), (700.0, 3.0, 0.5), (-9e4, 3.0, 0.5)]
FAR = [(1e12, 3.0, 0.5), (-1e12, 3.0, 0.5), (1e-300, 1e-301, 1e-297)]


def z_tails(below):
    """Of a distribution of z, symmetric about 0: log P(Z < z)"""
    return lambda y, m, s: (below((y - m) / s), below((m - y) / s))


add("normal_lpdf", lambda y, m, s: log_phi((y - m) / s) - log(s), *CENTRE, *TAILS, *FAR)
both("normal", z_tails(log_below), *CENTRE, *TAILS, *FAR)
add("cauchy_lpdf", lambda y, m, s: -log(pi) - log(s) - log1p(((y - m) / s) ** 2), *CENTRE, *TAILS, *FAR, (1e200, 0.0, 1.0))
both("cauchy", z_tails(lambda z: log(mp.atan2(1, -z) / pi) if z < 0 else log1p(-mp.atan2(1, z) / pi)),
     *CENTRE, *TAILS, *FAR, (1e200, 0.0, 1.0), (-1e200, 0.0, 1.0))
both("double_exponential", z_tails(lambda z: z - log(2) if z < 0 else log1p(-exp(-z) / 2)), *CENTRE[1:], *TAILS, *FAR)
add("double_exponential_lpdf", lambda y, m, s: -abs(y - m) / s - log(2 * s), *CENTRE[1:2], *TAILS, *FAR)


def log_logistic(z):
    return -log1p(exp(-z)) if z > -1 else z - log1p(exp(z))


add("logistic_lpdf", lambda y, m, s: log_logistic((y - m) / s) + log_logistic((m - y) / s) - log(s), *CENTRE, *TAILS, *FAR)
both("logistic", z_tails(log_logistic), *CENTRE, *TAILS, *FAR)
add("gumbel_lpdf", lambda y, m, s: -(y - m) / s - exp((m - y) / s) - log(s), *CENTRE, (40., 0., 1.), (-40., 0., 1.), (1e5, 1., 2.))
both("gumbel", lambda y, m, s: (-exp((m - y) / s), log1m_exp(-exp((m - y) / s))),
     *CENTRE, (40., 0., 1.), (-5., 0., 1.), (1e5, 1., 2.), (36.5, 0., 1.), (35.5, 0., 1.))


def t_density(y, n, m, s):
    return -log_beta(n / 2, half) - log(n) / 2 - log(s) - (n + 1) / 2 * log1p(((y - m) / s) ** 2 / n)


def t_tails(y, n, m, s):
    z = (y - m) / s
    low = beta_tails(n / 2, half, n, z * z)[0] - log(2) if z else -log(2)
    return (log1m_exp(low), low) if z > 0 else (low, log1m_exp(low))


T = [(1e160, 3.0, 0.0, 1.0), (-1e160, 3.0, 0.0, 1.0), (1e100, 3.0, 0.0, 1.0), (-1e30, 0.5, 1.0, 2.0), (40.0, 1e6, 0.0, 1.0),
     (-40.0, 1e3, 0.0, 1.0), (0.3, 1e-3, 0.1, 1.0), (1e-5, 3.0, 0.0, 1.0), (1e-12, 3.0, 0.0, 1.0), (-1e-12, 3.0, 0.0, 1.0),
     (-1000.0, 100.0, 1.0, 1.0), (1.0, 1.0, 0.0, 1.0), (2.0, 1e10, 0.5, 1.0)]
add("student_t_lpdf", t_density, *T, (0.0, 3.0, 0.0, 1.0), (5.0, 1e15, 0.0, 1.0))
both("student_t", t_tails, *T)


def emg(y, m, s, r):
    u, w = (y - m) / s, r * s
    return w * w / 2 - w * u + log_below(u - w)


def emg_tails(y, m, s, r):
    with mp.workdps(120):
        u, w = (y - m) / s, r * s
        part = emg(y, m, s, r)
        high = exp(log_below(-u)) + exp(part)
        low = 1 - high if high < half else exp(log_below(u)) - exp(part)
        return (log1p(-high), log(high)) if high < half else (log(low), log1p(-low))


EMG = [(-8.0, 0.0, 1.0, 2.0), (-30.0, 0.5, 1.0, 0.01), (40.0, 0.5, 1.0, 2.0), (9.0, 0.0, 1.0, 1e-4), (0.3, 0.0, 1.0, 1e-9),
       (3.0, 0.0, 1.0, 100.0), (-3.0, 0.0, 1.0, 300.0), (7.0, 0.0, 1.0, 1e-3), (20.0, 1.0, 1.0, 30.0), (500.0, 0.0, 2.0, 1.0)]
add("exp_mod_normal_lpdf", lambda y, m, s, r: log(r) + emg(y, m, s, r), *EMG, (3.0, 0.0, 1.0, 1e8), (-1e4, 0.0, 1.0, 3.0))
both("exp_mod_normal", emg_tails, *EMG)


NODES = [exp(pi / 2 * mp.sinh(mpf(i) / 24)) for i in range(-120, 121)]
RULE = [(node, node * pi / 48 * mp.cosh(mpf(i - 120) / 24)) for i, node in enumerate(NODES)]


def skew_below(z, a):
    """log P(Z < z)"""
    if z > 0:
        return log1m_exp(skew_below(-z, -a))
    h = -z
    if a < 0:
        normal = log(2) + log_below(z)
        return normal + log1p(-exp(skew_below(z, -a) - normal))
    if h * (1 + a) < 1:
        t = mp.quad(lambda x: exp(-h * h * (1 + x * x) / 2) / (1 + x * x), mp.linspace(0, a, 5)) / (2 * pi)
        return log(exp(log_below(z)) - 2 * t)
    scale = 1 / (1 / (1 + a) + h + h * h * a)  # by the exp-sinh rule
    total = mp.fsum(weight * exp(-h * h * (2 * a + scale * node) * scale * node / 2) / (1 + (a + scale * node) ** 2)
                    for node, weight in RULE)
    return -h * h * (1 + a * a) / 2 + log(scale * total / pi)


SKEW = [(-3.0, 0.0, 1.0, 2.0), (-8.0, 0.0, 1.0, 2.0), (-8.0, 0.0, 1.0, -2.0), (8.0, 0.0, 1.0, -2.0), (12.0, 0.0, 1.0, 2.0),
        (-40.0, 0.0, 1.0, 0.5), (-0.1, 0.0, 1.0, 50.0), (-60.0, 1.0, 1.0, -3.0), (-1e-5, 0.0, 1.0, 3.0)]
add("skew_normal_lpdf", lambda y, m, s, a: log(2) + log_phi((y - m) / s) - log(s) + log_below(a * (y - m) / s), *SKEW)
add("skew_normal_lcdf", lambda y, m, s, a: skew_below((y - m) / s, a), *SKEW)
add("skew_normal_lccdf", lambda y, m, s, a: skew_below((m - y) / s, -a), *SKEW)


def skew_laplace(y, m, s, t):
    z = (y - m) / s
    if z < 0:
        low = log(t) + 2 * (1 - t) * z
        return low, log1m_exp(low)
    high = log(1 - t) - 2 * t * z
    return log1m_exp(high), high


LAPLACE = [(-500.0, 0.0, 0.5, 0.9), (500.0, 0.0, 0.5, 0.9), (1e-9, 0.0, 1.0, 0.3), (3.0, 0.0, 1.0, 1e-9), (-3.0, 0.0, 1.0, 1e-9)]
both("skew_double_exponential", skew_laplace, *LAPLACE)

# ---- positive
GAMMA = [(100.0, 1000.0, 1.0), (800.0, 2.0, 1.0), (0.001, 2.0, 1.0), (1e-200, 0.5, 1.0), (1e-300, 3.0, 1.0), (5e4, 3.0, 2.0),
         (1e-3, 1e-10, 1.0), (0.5, 1e-8, 1.0), (2e4, 2e4, 1.0), (1.9e4, 2e4, 1.0), (2.3e4, 2e4, 1.0), (1.2e6, 1e6, 1.0), (8.8e7, 1e8, 1.0), 
         (3e4, 2e4, 1.0), (10001.0, 10001.0, 1.0), (1e10, 0.3, 1.0), (20.0, 7.9, 1.0)]
add("gamma_lpdf", lambda y, a, b: a * log(b) - lgamma(a) + (a - 1) * log(y) - b * y, *GAMMA)
both("gamma", lambda y, a, b: gamma_tails(a, b * y), *GAMMA)
INV = [(0.001, 2.0, 1.0), (1e-5, 2.0, 1.0), (1e4, 30.0, 1.0), (1e300, 2.0, 1.0), (1e-6, 1e6, 1.0), (1e3, 1e-8, 2.0)]
add("inv_gamma_lpdf", lambda y, a, b: a * log(b) - lgamma(a) - (a + 1) * log(y) - b / y, *INV)
both("inv_gamma", lambda y, a, b: swapped(gamma_tails(a, b / y)), *INV)
CHI = [(2000.0, 3.0), (1e-100, 3.0), (1e5, 0.1), (3e4, 3e4), (3.0, 1e4), (1e-5, 1e-8), (1e6, 900.0)]
add("chi_square_lpdf", lambda y, n: (n / 2 - 1) * log(y) - y / 2 - n / 2 * log(2) - lgamma(n / 2), *CHI)
both("chi_square", lambda y, n: gamma_tails(n / 2, y / 2), *CHI)
CHI = [(1 / 2000, 3.0), (1e100, 3.0), (1e-5, 0.1), (1e-4, 1e4), (0.3, 1e4), (1e5, 1e-8)]
both("inv_chi_square", lambda y, n: swapped(gamma_tails(n / 2, 1 / y / 2)), *CHI)
both("scaled_inv_chi_square", lambda y, n, s: swapped(gamma_tails(n / 2, n / 2 * s * s / y)),
     (0.0001, 3.0, 1.0), (1e100, 3.0, 2.0), (0.5, 1e4, 1.0), (2.0, 1e4, 1.0), (1e5, 1e-8, 1.0), (1e-3, 50.0, 1e-3))
RATE = [(1e-300, 2.0), (1e-10, 1.0), (1e5, 3.0), (1e300, 1e-10)]
add("exponential_lpdf", lambda y, b: log(b) - b * y, *RATE)
both("exponential", lambda y, b: (log1m_exp(-b * y), -b * y), *RATE)
WEIBULL = [(1e-200, 2.0, 1.0), (1e-3, 200.0, 1.0), (30.0, 3.0, 1.0), (1.0, 1.0, 1.0), (1e5, 0.1, 1e-3), (1e-300, 1e-3, 1.0)]
add("weibull_lpdf", lambda y, a, s: log(a) - a * log(s) + (a - 1) * log(y) - (y / s) ** a, *WEIBULL)
both("weibull", lambda y, a, s: (log1m_exp(-(y / s) ** a), -(y / s) ** a), *WEIBULL)
FRECHET = [(1e200, 2.0, 1.0), (1e3, 200.0, 1.0), (0.03, 3.0, 1.0), (1.0, 1.0, 1.0), (1e-5, 0.1, 1e3)]
add("frechet_lpdf", lambda y, a, s: log(a) - log(s) - (a + 1) * log(y / s) - (y / s) ** -a, *FRECHET)
both("frechet", lambda y, a, s: (-(y / s) ** -a, log1m_exp(-(y / s) ** -a)), *FRECHET)
RAYLEIGH = [(1e-150, 1.0), (60.0, 1.0), (1e-9, 3.0), (1e5, 1.0)]
add("rayleigh_lpdf", lambda y, s: log(y) - 2 * log(s) - (y / s) ** 2 / 2, *RAYLEIGH)
both("rayleigh", lambda y, s: (log1m_exp(-(y / s) ** 2 / 2), -(y / s) ** 2 / 2), *RAYLEIGH)
LOGLOGISTIC = [(1e-100, 3.0, 2.0), (1e100, 3.0, 2.0), (3.0, 3.0, 1e5), (3.1, 3.0, 1e3), (2.9, 3.0, 1e3)]
add("loglogistic_lpdf", lambda y, a, b: log(b) - b * log(a) + (b - 1) * log(y) + 2 * log_logistic(-b * log(y / a)), *LOGLOGISTIC)
add("loglogistic_cdf", lambda y, a, b: exp(log_logistic(b * log(y / a))), *LOGLOGISTIC)
LOGNORMAL = [(1e-300, 0.0, 1.0), (1e300, 0.0, 1.0), (1.0, 0.0, 1e-3), (1e-100, 5.0, 2.0), (1e8, 0.0, 0.1)]
add("lognormal_lpdf", lambda y, m, s: log_phi((log(y) - m) / s) - log(s) - log(y), *LOGNORMAL)
both("lognormal", lambda y, m, s: (log_below((log(y) - m) / s), log_below((m - log(y)) / s)), *LOGNORMAL)
PARETO = [(1e300, 1.0, 2.0), (1.0000001, 1.0, 3.0), (3.0, 1.0, 1e-10), (3.0, 1.0, 500.0)]
add("pareto_lpdf", lambda y, m, a: log(a) + a * log(m) - (a + 1) * log(y), *PARETO)
both("pareto", lambda y, m, a: (log1m_exp(a * log(m / y)), a * log(m / y)), *PARETO)
PARETO2 = [(1e300, 0.0, 1.0, 2.0), (1e-12, 0.0, 1.0, 3.0), (3.0, 1.0, 1.0, 1e-10), (3.0, 1.0, 1.0, 800.0)]
add("pareto_type_2_lpdf", lambda y, m, s, a: log(a) - log(s) - (a + 1) * log1p((y - m) / s), *PARETO2)
both("pareto_type_2", lambda y, m, s, a: (log1m_exp(-a * log1p((y - m) / s)), -a * log1p((y - m) / s)), *PARETO2)

# ---- bounded
BETA = [(1e-100, 20.0, 3.0), (0.3, 2000.0, 3.0), (0.999, 2.0, 400.0), (0.5, 1e4, 1e4), (0.48, 1e5, 1e5), (0.52, 1e4, 1e4),
        (0.3, 1e-9, 2.0), (0.3, 2.0, 1e-9), (0.3, 1e-8, 1e-9), (1e-9, 3.0, 1e9), (1e-8, 3.0, 1e9), (0.7, 500.0, 900.0)]
add("beta_lpdf", lambda y, a, b: (a - 1) * log(y) + (b - 1) * log1p(-y) - log_beta(a, b), *BETA)
both("beta", lambda y, a, b: beta_tails(a, b, y, 1 - y), *BETA)
PROPORTION = [(1e-50, 0.3, 20.0), (0.3, 0.9, 3000.0), (0.48, 0.5, 1e5), (0.5, 1e-8, 30.0)]
add("beta_proportion_lpdf", lambda y, m, k: (m * k - 1) * log(y) + ((1 - m) * k - 1) * log1p(-y) - log_beta(m * k, (1 - m) * k), *PROPORTION)
both("beta_proportion", lambda y, m, k: beta_tails(m * k, (1 - m) * k, y, 1 - y), *PROPORTION)
both("uniform", lambda y, a, b: (log((y - a) / (b - a)), log1p((a - y) / (b - a))), (1e-300, 1e-301, 1.0), (1e-5, 0.0, 1e10), (0.5, 0.0, 1.0))
add("von_mises_lpdf", lambda y, m, k: k * mp.cos(y - m) - log(2 * pi) - log(mp.besseli(0, k)),
    (0.3, 0.1, 1e-9), (0.3, 0.1, 500.0), (3.0, 0.1, 1e4), (0.3, 0.3, 5.0), (0.3, 0.1, 1e6))

# ---- integers


def log_choose(n, k):
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def beta_binomial(n, N, a, b):
    with mp.workdps(100):
        return log_choose(N, n) + log_beta(n + a, N - n + b) - log_beta(a, b)


def mass_tails(mass, first=0):
    """Sums of the masses, the smaller tail directly"""
    def tails(n, N, *a):
        low = mp.fsum(exp(mass(mpf(k), N, *a)) for k in range(first, int(n) + 1))
        high = mp.fsum(exp(mass(mpf(k), N, *a)) for k in range(int(n) + 1, int(N) + 1))
        return (log(low), log1p(-low)) if low < high else (log1p(-high), log(high))
    return tails


BB = [((500, 1000), (5e18, 5e18)), ((500, 1000), (5e10, 5e10)), ((3, 10), (1e-9, 2.0)), ((3, 10), (1e-9, 1e-8)), ((0, 40), (1e30, 1.0)),
      ((40, 40), (1e-3, 1e5)), ((7, 30), (1e15, 3e15)), ((100, 200), (0.3, 0.2)), ((3, 1000), (1e8, 1.0))]
add("beta_binomial_lpmf", beta_binomial, *BB)
both("beta_binomial", mass_tails(beta_binomial), ((90, 200), (5e18, 5e18)), ((3, 10), (1e-9, 2.0)), ((100, 200), (0.3, 0.2)),
     ((3, 200), (1e8, 1e3)), ((15, 20), (3.0, 1e5)), ((15, 20), (1e12, 1e3)), ((0, 30), (2.0, 3.0)), ((29, 30), (2.0, 3.0)))
add("hypergeometric_lpmf", lambda n, N, a, b: log_choose(a, n) + log_choose(b, N - n) - log_choose(a + b, N),
    ((500, 1000, 1000000, 1000000), ()), ((0, 10, 5, 100), ()), ((5, 10, 5, 100), ()), ((100000, 200000, 1000000000, 1000000000), ()),
    ((3, 5, 4, 2), ()), ((5, 5, 5, 5), ()), ((2, 1000, 1000, 1000), ()))
BINOMIAL = [((0, 1000), (0.9,)), ((1, 5000), (0.5,)), ((4999, 5000), (0.5,)), ((500, 1000), (0.5,)), ((2, 10), (1e-200,)), ((9, 10), (1e-60,)),
            ((99999, 200000), (0.49,)), ((3, 1000000000), (1e-9,)), ((3, 1000000000), (1e-6,))]
both("binomial", lambda n, N, t: swapped(beta_tails(n + 1, N - n, t, 1 - t)), *BINOMIAL)
add("binomial_lpmf", lambda n, N, t: log_choose(N, n) + n * log(t) + (N - n) * log1p(-t), *BINOMIAL)
add("binomial_logit_lpmf", lambda n, N, a: log_choose(N, n) + n * log_logistic(a) + (N - n) * log_logistic(-a),
    ((3, 10), (40.0,)), ((3, 10), (-800.0,)), ((10, 10), (800.0,)), ((500, 1000), (1e-9,)))
POISSON = [((3,), (2000.0,)), ((3,), (1e-200,)), ((1000,), (1.0,)), ((1000,), (1e-3,)), ((0,), (1e-12,)), ((20000,), (20000.0,)),
           ((100000,), (80000.0,)), ((100000,), (130000.0,)), ((10,), (1e6,))]
both("poisson", lambda n, m: swapped(gamma_tails(n + 1, m)), *POISSON)
add("poisson_lpmf", lambda n, m: n * log(m) - m - lgamma(n + 1), *POISSON, ((1000000,), (1000000.0,)))
add("poisson_log_lpmf", lambda n, a: n * a - exp(a) - lgamma(n + 1), ((3,), (-700.0,)), ((3,), (20.0,)), ((1000000,), (13.8,)))
NB = [((3,), (0.3, 1e-10)), ((0,), (0.3, 1e-10)), ((30,), (1e-9, 1e9)), ((5,), (1e15, 3.0)), ((90,), (40.0, 1e6)), ((90,), (40.0, 1e15)),
      ((1000,), (5.0, 0.01)), ((3,), (2000.0, 900.0)), ((3,), (1e5, 1e4)), ((1,), (1e-300, 2.0))]


def neg_binomial_2(n, m, p):
    with mp.workdps(100):
        return lgamma(n + p) - lgamma(p) - lgamma(n + 1) + n * (log(m) - log(m + p)) - p * log1p(m / p)


add("neg_binomial_2_lpmf", neg_binomial_2, *NB)
both("neg_binomial_2", lambda n, m, p: beta_tails(p, n + 1, p, m), *NB)
add("neg_binomial_2_log_lpmf", lambda n, e, p: neg_binomial_2(n, exp(e), p),
    *[(n, (float(log(mpf(m))), p)) for n, (m, p) in NB])
NB = [((3,), (1e-10, 0.3)), ((0,), (1e-10, 0.3)), ((5,), (3.0, 1e-15)), ((90,), (1e6, 2.5e4)), ((1000,), (0.01, 0.002)), ((3,), (900.0, 0.5)),
      ((3,), (1e4, 0.1)), ((40,), (3.0, 1e30))]
add("neg_binomial_lpmf", lambda n, a, b: lgamma(n + a) - lgamma(a) - lgamma(n + 1) - a * log1p(1 / b) - n * log1p(b), *NB)
both("neg_binomial", lambda n, a, b: beta_tails(a, n + 1, b, mpf(1)), *NB)


def beta_neg_binomial(n, r, a, b):
    with mp.workdps(100):
        return lgamma(n + r) - lgamma(r) - lgamma(n + 1) + log_beta(n + b, r + a) - log_beta(a, b)


def beta_neg_binomial_tails(n, *a):
    low = mp.fsum(exp(beta_neg_binomial(mpf(k), *a)) for k in range(int(n) + 1))
    return log(low), log1p(-low)


BNB = [((3,), (2.0, 1e15, 3e15)), ((3,), (1e-9, 2.0, 3.0)), ((40,), (1e12, 1e14, 30.0)), ((0,), (3.0, 1e-8, 2.0)), ((12,), (4.0, 1e30, 2.0)), ((50,), (0.1, 0.2, 0.3))]
add("beta_neg_binomial_lpmf", beta_neg_binomial, *BNB)
add("beta_neg_binomial_lcdf", lambda *a: beta_neg_binomial_tails(*a)[0], *BNB[1:2], *BNB[3:4], BNB[5])
add("beta_neg_binomial_lccdf", lambda *a: beta_neg_binomial_tails(*a)[1], *BNB[1:2], *BNB[3:4], BNB[5])
YULE = [((3,), (1e-10,)), ((3,), (1e10,)), ((1000,), (2.0,)), ((1,), (1e-5,)), ((1000000,), (3.0,)), ((40,), (300.0,))]


def yule_above(n, a):
    with mp.workdps(100):
        return lgamma(n + 1) + lgamma(a + 1) - lgamma(n + a + 1)


add("yule_simon_lpmf", lambda n, a: log(a) + log_beta(n, a + 1), *YULE)
both("yule_simon", lambda n, a: (log1m_exp(yule_above(n, a)), yule_above(n, a)), *YULE)
both("bernoulli", lambda n, t: (log1p(-t), log(t)), ((0,), (1e-300,)), ((0,), (1e-9,)), ((0,), (0.999999,)))
add("bernoulli_logit_lpmf", lambda n, a: log_logistic(a if n else -a), ((1,), (-800.0,)), ((0,), (-40.0,)), ((0,), (1e10,)), ((1,), (0.0,)))

# ---- functions of one number
TINY = (1e-300, 1e-100, 1e-9)
HUGE = (1e3, 1e100, 1e300)


def one(name, f, *xs):
    add(name, f, *[((), (float(x),)) for x in xs])


one("log", log, *TINY, *HUGE, 1 + 2.0 ** -40)
one("log1p", log1p, *TINY, *HUGE, -1 + 2.0 ** -30)
one("log1m", lambda x: log1p(-x), *TINY, 1 - 2.0 ** -30, -1e300)
one("exp", exp, -700, 700, 1e-9)
one("expm1", mp.expm1, *TINY, -700, 700, -1e-9)
one("sqrt", sqrt, *TINY, *HUGE)
one("cbrt", mp.cbrt, *TINY, *HUGE)
one("inv", lambda x: 1 / x, *TINY, *HUGE)
one("square", lambda x: x * x, 1e-100, 1e150)
one("inv_sqrt", lambda x: 1 / sqrt(x), *TINY, *HUGE)
one("log1p_exp", lambda x: log1p(exp(x)), -700, -1e-9, 1e-9, 40, 700)
one("log1m_exp", log1m_exp, -1e-300, -1e-9, -0.6931471805, -0.7, -40, -700)
one("inv_logit", lambda x: exp(log_logistic(x)), -700, -20, 1e-9, 5, 20)
one("logit", lambda x: log(x) - log1p(-x), *TINY, 1 - 2.0 ** -30, 0.499999)
one("log_inv_logit", log_logistic, -700, -1e10, 1e-9, 40, 700)
one("log1m_inv_logit", lambda x: log_logistic(-x), 700, 1e10, 1e-9, -40, -700)
one("inv_cloglog", lambda x: -mp.expm1(-exp(x)), -700, -20, 1, 3)
one("asin", mp.asin, 1e-300, 1 - 2.0 ** -30, -1 + 2.0 ** -30)
one("acos", mp.acos, 1e-300, 1 - 2.0 ** -30, -1 + 2.0 ** -30)
one("atan", mp.atan, *TINY, *HUGE)
one("sinh", mp.sinh, *TINY, 700, -700)
one("cosh", mp.cosh, *TINY, 700, -700)
one("tanh", mp.tanh, *TINY, 5, -700)
one("asinh", mp.asinh, *TINY, *HUGE, -1e200)
one("acosh", mp.acosh, 1 + 2.0 ** -30, 2, *HUGE)
one("atanh", mp.atanh, *TINY, 1 - 2.0 ** -30)
one("sin", mp.sin, *TINY, 1e10, 3.141592653589793)
one("cos", mp.cos, *TINY, 1e10, 1.5707963267948966)
one("tan", mp.tan, *TINY, 1e10, 1.5707963267)
one("erf", mp.erf, *TINY, 3, -5)
one("erfc", mp.erfc, *TINY, 3, 26, -5)
one("Phi", lambda x: exp(log_below(x)), -37, -5, 1e-9, 5)
one("std_normal_lcdf", log_below, -1e5, -1e3, -37, 0, 5, 30)
one("inv_Phi", lambda p: sqrt(mpf(2)) * mp.erfinv(2 * p - 1) if p > 1e-9 else mp.findroot(lambda x: log_below(x) - log(p), -sqrt(-2 * log(p))),
    1e-300, 1e-20, 1e-5, 0.3, 0.999)
one("std_normal_log_qf", lambda l: mp.findroot(lambda x: log_below(x) - l, -sqrt(-2 * l) if l < -2 else mpf(0)), -1e5, -800, -20, -1)
one("lgamma", lambda x: lgamma(x).real, *TINY, 1e3, 1e100, 1e15, 3.0000001)
one("tgamma", mp.gamma, *TINY[1:], 170, -3.5)
one("digamma", lambda x: mp.psi(0, x), *TINY, 1e3, 1e100)
one("trigamma", lambda x: mp.psi(1, x), 1e-100, 1e-9, 1e3, 1e100)
one("lambert_w0", mp.lambertw, 1e-300, 1e300, -0.3, -0.36787)
one("lambert_wm1", lambda x: mp.lambertw(x, -1), -1e-300, -0.3, -0.36787)

# ---- of two and three
add("atan2", mp.atan2, (1e-310, 2e-310), (-4e-320, 1e-310), (1e-300, 1e-200), (1e200, 1e200), (3e-200, -1e-200), (1e300, 1e-300), (1.0, 0.0))
add("hypot", lambda x, y: sqrt(x * x + y * y), (3e-310, 4e-310), (1e200, 1e200), (1e-200, 1e200), (3.0, 4.0))
add("lbeta", log_beta, (1e-300, 1.0), (1e-9, 1e-8), (1e15, 1e15), (1e30, 1.0), (3.0, 1e20), (1e-9, 1e20), (0.5, 1e10))
add("lchoose", log_choose, (1e15, 1e5), (1e20, 3.0), (5.5, 2.2), (1e6, 5e5), (1e9, 1.0))
add("log_rising_factorial", lambda x, n: lgamma(x + n) - lgamma(x), (1e-300, 3.0), (1e20, 3.0), (1e15, 1e-3), (3.0, 1e20), (0.3, 1e-9), (5.0, 1e40))
add("log_falling_factorial", lambda x, n: lgamma(x + 1) - lgamma(x - n + 1), (1e20, 3.0), (5.0, 2.5), (1e6, 1e5), (1e10, 1e-3))
add("beta", lambda a, b: exp(log_beta(a, b)), (1e-9, 3.0), (100.0, 300.0), (3.0, 1e20))
add("gamma_p", lambda a, x: exp(gamma_tails(a, x)[0]), (1e-10, 0.3), (3.0, 1e-50), (1000.0, 800.0), (3e4, 29900.0), (3.0, 1e-9))
add("gamma_q", lambda a, x: exp(gamma_tails(a, x)[1]), (1e-10, 0.3), (3.0, 500.0), (1000.0, 1200.0), (3e4, 30100.0))
add("log_sum_exp", lambda a, b: max(a, b) + log1p(exp(-abs(a - b))), (1e5, -1e5), (-700.0, -701.0), (1e-9, -40.0), (1e10, 1e10))
add("log_diff_exp", lambda a, b: a + log1m_exp(b - a), (1e5, -1e5), (-700.0, -701.0), (1e-3, 0.0), (-1e5, -1e5 - 2.0 ** -20))
add("lmultiply", lambda a, b: a * log(b), (1e-300, 1e-300), (1e100, 3.0), (0.0, 2.0))
add("pow", lambda a, b: a ** b, (1e-100, 3.0), (1e200, 1.5), (1.0000001, 1e9), (3.0, -600.0), (2.0, 1e-300))
add("owens_t", lambda h, a: mp.quad(lambda x: exp(-h * h * (1 + x * x) / 2) / (1 + x * x), mp.linspace(0, a, 7)) / (2 * pi),
    (1e-10, 3.0), (6.0, 0.5), (10.0, 1.0), (0.3, 1e-9), (5.0, 2.0))
add("inc_beta", lambda a, b, x: exp(beta_tails(a, b, x, 1 - x)[0]), (1e-9, 3.0, 0.4), (1000.0, 500.0, 0.6), (3.0, 1e9, 1e-9), (50.0, 3.0, 1e-5))
add("log_mix", lambda t, a, b: log(t * exp(a) + (1 - t) * exp(b)), (1e-300, 0.0, 1.0), (0.5, -700.0, -690.0), (1e-9, 700.0, 0.0))
add("log_inv_logit_diff", lambda a, b: log(exp(log_logistic(a)) - exp(log_logistic(b))), (-700.0, -701.0), (40.0, 30.0), (1e-3, 0.0))
add("log_modified_bessel_first_kind", lambda v, z: log(mp.besseli(v, z)), (0.5, 1e-100), (3.0, 1e4), (300.0, 10.0), (1e-3, 600.0))
add("fma", lambda a, b, c: a * b + c, (1e-300, 3.0, 1e-300), (1e100, 1e100, -1e150))


def show(x):
    return mp.nstr(x.real if isinstance(x, mp.mpc) else x, 18, min_fixed=0, max_fixed=0)


def line(name, f, ints, reals):
    n = [mpf(i) for i in ints]
    x = [mpf(r) for r in reals]
    size = [abs(r) if r else mpf(1) for r in x]

    def at(moves):
        y = list(x)
        for j, k in moves:
            y[j] += k * size[j] * mpf(10) ** -16
        return mpf(f(*n, *y).real)

    def first(j, other=()):
        """x_j df/dx_j, of error 1e-40"""
        h = mpf(10) ** -16
        return (8 * (at([(j, 1), *other]) - at([(j, -1), *other])) - (at([(j, 2), *other]) - at([(j, -2), *other]))) / (12 * h)

    def brief(j, other):
        return (at([(j, 1), *other]) - at([(j, -1), *other])) * mpf(10) ** 16 / 2
    value = at([])
    slopes = [first(j) for j in range(len(x))]
    logarithm = name.endswith(("pdf", "pmf", "lcdf", "lccdf"))
    unit = mpf(1) if logarithm else abs(value)
    noise = [sum(map(abs, slopes), mpf(0))]
    for j, s in enumerate(slopes):
        second = mpf(0)
        for i in range(len(x)):
            h = 10 ** 6
            e = [brief(j, [(i, k * h)]) * (1 + (k * h * mpf(10) ** -16 if i == j and x[j] else 0)) for k in (-1, 1)]
            second += abs(e[1] - e[0]) / (2 * h * mpf(10) ** -16)
        noise.append((second + unit) / size[j])
    slopes = [s / size[j] for j, s in enumerate(slopes)]
    print(name, *ints, "|", *[repr(r) for r in reals], "|", *map(show, [value, *slopes]), "|", *[mp.nstr(e, 3) for e in noise], flush=True)


def main():
    wanted = sys.argv[1:]
    for name, f, points in ROWS:
        for ints, reals in points:
            if not wanted or any(name.startswith(w) for w in wanted):
                line(name, f, ints, reals)


if __name__ == "__main__":
    sys.exit(main())
