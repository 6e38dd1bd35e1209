#!/usr/bin/env python3
"""hypergeometric_values.py > hypergeometric_values.h -- reference values for test_hypergeometric, by mpmath (1.4.1) in 40
digits: p, q, arguments (a, b, z), then the value and its derivatives by the arguments; NAN: there is none, or it is infinite.
"""
import mpmath as mp
from mpmath import mpf

mp.mp.dps = 40
NAN = float("nan")
POINTS = [
    (2, 1, [0.5, 1.2, 2.3, 0.3]), (2, 1, [0.5, 1.2, 2.3, -0.4]), (2, 1, [1, 1, 2, 0.9]), (2, 1, [3.5, -1.2, 0.7, -5]),
    (2, 1, [3.5, -1.2, 0.7, -300]), (2, 1, [2, 3, 7.5, 1]), (2, 1, [0.2, 0.3, 0.9, 0.999]), (2, 1, [-3, 2.5, 1.5, 0.7]),
    (2, 1, [-3, 2.5, 1.5, 3]), (2, 1, [20, -30.5, 40, 0.5]), (2, 1, [1, 2, 3, 1.5]), (2, 1, [10, 20, -2.5, 0.4]),
    (2, 1, [0, 1, 2, 0.5]), (2, 1, [1, 1, 1, 0]), (2, 1, [1, 2, -3, 0.5]), (2, 1, [1e-3, 1e3, 1e3, 0.3]), (2, 1, [1, 2, 3, 1]),
    (1, 1, [0.5, 1.5, 2]), (1, 1, [0.5, 1.5, -20]), (1, 1, [5, 2, -100]), (1, 1, [5, 2.5, 50]), (1, 1, [-4, 2.5, -30]),
    (1, 1, [-4.5, 0.5, 30]), (0, 1, [1.5, -20]), (0, 1, [1.5, -300]), (2, 2, [1, 1.5, 2, 3, -15]),
    (3, 2, [1, 1.5, 2, 3, 2.5, 0.5]), (3, 2, [1, 1.5, 2, 3, 2.5, -0.9]), (3, 2, [1, 1.5, 0.2, 3, 2.5, 1]),
    (3, 2, [1, 1.5, 0.2, 3, 2.5, -1]), (3, 2, [1, 2, 3, 0.3, 0.4, 0.2]), (3, 2, [-2, 3, 4, 5, 6, 1.7]),
    (1, 2, [1, 1.5, 2, -80]), (2, 0, [-3, 2, 0.1]), (2, 0, [1, 2, 0.1])]


def ends(p, x):
    return any(v <= 0 and v == int(v) for v in x[:p])


def function(p, q, x):
    a, b, z = x[:p], x[p:p + q], x[-1]
    if any(v <= 0 and v == int(v) for v in b):
        return NAN
    far = z > 1 or (z < mpf("-1.01") and p != 2)  # 2F1 is continued by Pfaff's transformation
    if p == q + 1 and not ends(p, x) and (far or (z == 1 and sum(a) >= sum(b))):
        return NAN
    if p > q + 1 and not ends(p, x) and z != 0:
        return NAN
    return mp.hyper(a, b, z)


def slope(p, q, x, i):
    outside = p > q + 1 or (p == q + 1 and x[-1] > 1)
    if outside and i < p and ends(1, [x[i]]):
        return NAN
    if i == len(x) - 1:  # DLMF 16.3.1, which holds at z = 1 too
        y = [v + 1 for v in x[:-1]] + [x[-1]]
        return mp.fprod(x[:p]) / mp.fprod(x[p:p + q]) * function(p, q, y)
    h = mpf(10) ** -18

    def at(step):
        y = list(x)
        y[i] += step
        return function(p, q, y)
    return (at(h) - at(-h)) / (2 * h)


def text(v):
    return "NAN" if v != v else mp.nstr(v, 17)


def main():
    print("/* Made by hypergeometric_values.py. */")
    print("static const struct {\n  int p, q;\n  double x[6], value, slope[6];\n} known[] = {")
    for p, q, x in POINTS:
        x = [mpf(v) for v in x]
        value = function(p, q, x)
        slopes = [slope(p, q, x, i) if value == value else NAN for i in range(len(x))]
        print(f"    {{{p}, {q}, {{{', '.join(mp.nstr(v, 17) for v in x)}}}, {text(value)}, "
              f"{{{', '.join(text(s) for s in slopes)}}}}},")
    print("};")


if __name__ == "__main__":
    main()
