#!/usr/bin/env python3
"""Statements mean what the Stan reference manual says: what is evaluated, when, and how often.

A case is a piece of a model block that computes `f` from u[1], u[2], u[3], and the same as a formula in Python.
All cases of a group are one program, target += w[k] * f, so that its gradient by w holds every value; at the
points w = unit vectors the gradient by u is held against central differences of the formula.
"""
import json
import math
import os
import re
import subprocess
import sys
import tempfile

MASTING = os.environ.get("MASTING", "masting")
U = (1.5, -2.0, 0.7)
failures = 0

# name, functions, transformed data, statements, formula
ALIAS = [
    ("x[k] = x", "", "array[3] int k = {3, 1, 2};", "vector[3] x = u; x[k] = x; f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: b + 10 * c + 100 * a),
    ("x = x[k]", "", "array[3] int k = {3, 1, 2};", "vector[3] x = u; x = x[k]; f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: c + 10 * a + 100 * b),
    ("shift up", "", "", "vector[3] x = u; x[2:3] = x[1:2]; f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: a + 10 * a + 100 * b),
    ("shift down", "", "", "row_vector[3] x = u'; x[1:2] = x[2:3]; f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: b + 10 * c + 100 * c),
    ("transpose", "", "", "matrix[2, 2] A = [[u[1], u[2]], [u[3], 4]]; A = A'; f = A[1, 1] + 10 * A[1, 2] + 100 * A[2, 1] + A[2, 2];",
     lambda a, b, c: a + 10 * c + 100 * b + 4),
    ("rows of a matrix", "", "array[2] int k = {2, 1};",
     "matrix[2, 2] A = [[u[1], u[2]], [u[3], 4]]; A[k] = A; A[, k] = A; f = A[1, 1] + 10 * A[1, 2] + 100 * A[2, 1] + A[2, 2] * u[1];",
     lambda a, b, c: 4 + 10 * c + 100 * b + a * a),
    ("a row of itself", "", "", "matrix[2, 2] A = [[u[1], u[2]], [u[3], 4]]; A[1] = A[, 1]'; f = A[1, 1] + 10 * A[1, 2] + 100 * A[2, 1];",
     lambda a, b, c: a + 10 * c + 100 * c),
    ("array of vectors", "", "array[2] int k = {2, 1};",
     "array[2] vector[2] x = {[u[1], u[2]]', [u[3], 1]'}; x[k] = x; f = x[1, 1] + 10 * x[1, 2] + 100 * x[2, 1] + x[2, 2];",
     lambda a, b, c: c + 10 + 100 * a + b),
    ("array of reals", "", "array[3] int k = {2, 3, 1};",
     "array[3] real x = {u[1], u[2], u[3]}; x[k] = x; f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: c + 10 * a + 100 * b),
    ("ints", "", "", "array[3] int k = {3, 1, 2}; k[k] = {10, 20, 30}; f = (k[1] + 100 * k[2] + 10000 * k[3]) * u[1];",
     lambda a, b, c: (20 + 100 * 30 + 10000 * 10) * a),
    ("ints of themselves", "", "", "array[3] int k = {2, 3, 1}; k = k[k]; k[k] = k; f = (k[1] + 10 * k[2] + 100 * k[3]) * u[1];",
     lambda a, b, c: (1 + 10 * 2 + 100 * 3) * a),
    ("an int's own element", "", "", "array[3] int k = {2, 3, 1}; k[k[1]] = k[k[2]] + 5; f = (k[1] + 10 * k[2] + 100 * k[3]) * u[1];",
     lambda a, b, c: (2 + 10 * 6 + 100 * 1) * a),
    ("transformed data", "", "array[3] int e_k = {3, 1, 2}; vector[3] e_x = [1, 2, 4]'; e_x[e_k] = e_x; e_x[2:3] = e_x[1:2]; e_k[e_k] = e_k;",
     "f = u[1] * (e_x[1] + 10 * e_x[2] + 100 * e_x[3] + 1000 * (e_k[1] + 10 * e_k[2] + 100 * e_k[3]));",
     lambda a, b, c: a * (2 + 10 * 2 + 100 * 4 + 1000 * (1 + 10 * 2 + 100 * 3))),
    ("function of itself", "vector turned(vector x) { return append_row(tail(x, num_elements(x) - 1), x[1:1]); }", "",
     "vector[3] x = u; x = turned(x); f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: b + 10 * c + 100 * a),
    ("function that mixes", "vector mixed(vector x, real s) { vector[3] y = s * x; y[1] = sum(x); return reverse(y); }", "",
     "vector[3] x = u; x[1:3] = mixed(x, x[2]); f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: b * c + 10 * b * b + 100 * (a + b + c)),
    ("added to a slice of itself", "", "", "vector[3] x = u; x[2:3] += x[1:2]; x[1:3] -= reverse(x); f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: (a - (b + c)) + 10 * 0 + 100 * ((b + c) - a)),
    ("scaled by its own element", "", "", "vector[3] x = u; x *= x[1]; x /= x[2]; f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: a * a / (a * b) + 10 * 1 + 100 * c / b),
    ("a matrix times itself", "", "", "matrix[2, 2] A = [[u[1], u[2]], [u[3], 4]]; A *= A; f = A[1, 1] + 10 * A[1, 2] + 100 * A[2, 1] + A[2, 2];",
     lambda a, b, c: a * a + b * c + 10 * (a * b + 4 * b) + 100 * (c * a + 4 * c) + c * b + 16),
    ("all of it from one element", "", "", "vector[3] x = u; x = rep_vector(x[2], 3) + x; f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: (a + b) + 10 * 2 * b + 100 * (b + c)),
    ("loop over what is written", "", "", "array[2] vector[2] x = {[u[1], u[2]]', [u[3], 1]'}; f = 0; "
     "for (v in x) { x[1] = [0, 0]'; x[2] = [5, 6]'; f += v[1] + 10 * v[2]; }",
     lambda a, b, c: a + 10 * b + 5 + 60),
]
TUPLES = [
    ("swap", "", "", "real x = u[1]; real y = u[2]; (x, y) = (y, x); f = x + 10 * y;", lambda a, b, c: b + 10 * a),
    ("rotation", "", "", "real x = u[1]; real y = u[2]; real z = u[3]; (x, y, z) = (z, x, y); f = x + 10 * y + 100 * z;",
     lambda a, b, c: c + 10 * a + 100 * b),
    ("ints", "", "", "int i = 3; int j = 5; (i, j) = (j, i + j); f = (i + 10 * j) * u[1];", lambda a, b, c: 85 * a),
    ("elements", "", "", "vector[3] x = u; vector[3] y = 2 * u; (x[1], y[3]) = (y[3], x[1]); f = x[1] + 10 * y[3];",
     lambda a, b, c: 2 * c + 10 * a),
    ("slices", "", "", "vector[3] x = u; real s = 0; (x[1:2], s) = (x[2:3], x[1]); f = x[1] + 10 * x[2] + 100 * x[3] + 1000 * s;",
     lambda a, b, c: b + 10 * c + 100 * c + 1000 * a),
    ("whole vectors", "", "", "vector[2] x = u[1:2]; vector[2] y = u[2:3]; (x, y) = (y, x); f = x[1] + 10 * x[2] + 100 * y[1] + 1000 * y[2];",
     lambda a, b, c: b + 10 * c + 100 * a + 1000 * b),
    ("a tuple of itself", "", "", "tuple(real, real) t = (u[1], u[2]); t = (t.2, t.1); f = t.1 + 10 * t.2;", lambda a, b, c: b + 10 * a),
    ("data beside parameters", "", "", "tuple(real, real) t = (square(0), u[1]); (t.2, t.1) = t; f = 3 * t.1 + t.2;",
     lambda a, b, c: 3 * a),
    ("its components", "", "", "tuple(real, vector[2]) t = (u[1], u[2:3]); (t.1, t.2) = (t.2[1], [t.1, t.2[2]]'); f = t.1 + 10 * t.2[1] + 100 * t.2[2];",
     lambda a, b, c: b + 10 * a + 100 * c),
    ("nested", "", "", "real x = u[1]; real y = u[2]; vector[2] z = u[2:3]; ((x, y), z[1]) = ((y, z[2]), x); f = x + 10 * y + 100 * z[1] + 1000 * z[2];",
     lambda a, b, c: b + 10 * c + 100 * a + 1000 * c),
    ("an index that is written", "", "", "vector[3] x = u; int i = 1; (i, x[i]) = (3, x[2]); f = x[1] + 10 * x[2] + 100 * x[3] + i;",
     lambda a, b, c: a + 10 * b + 100 * b + 3),
    ("of a function", "tuple(real, real) both(real x, real y) { return (y - x, x * y); }", "",
     "real x = u[1]; real y = u[2]; (x, y) = both(x, y); (y, x) = both(y, x); f = x + 10 * y;",
     lambda a, b, c: (a * b) * (b - a) + 10 * ((b - a) - a * b)),
]
REPEATS = [
    ("+= takes the last", "", "array[4] int g = {1, 1, 2, 3}; vector[4] d = [1, 2, 3, 4]';",
     "vector[3] x = u; x[g] += d * u[1]; f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: a + 2 * a + 10 * (b + 3 * a) + 100 * (c + 4 * a)),
    ("-= takes the last", "", "array[3] int g = {2, 1, 2};", "row_vector[3] x = u'; x[g] -= u'; f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: a - b + 10 * (b - c) + 100 * c),
    ("*= takes the last", "", "array[3] int g = {2, 1, 2};", "vector[3] x = u; x[g] .*= u; f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: a * b + 10 * b * c + 100 * c),
    ("a number to all", "", "array[3] int g = {2, 2, 1};", "vector[3] x = u; x[g] += u[1]; f = x[1] + 10 * x[2] + 100 * x[3];",
     lambda a, b, c: 2 * a + 10 * (b + a) + 100 * c),
    ("rows of a matrix", "", "array[2] int g = {1, 1};", "matrix[2, 2] A = [[u[1], u[2]], [u[3], 4]]; A[g] += A; A[, g] += A; "
     "f = A[1, 1] + 10 * A[1, 2] + 100 * A[2, 1] + A[2, 2];",
     lambda a, b, c: (a + c) + (b + 4) + 10 * (b + 4) + 100 * (c + 4) + 4),
    ("ints", "", "array[3] int g = {1, 1, 2};", "array[3] int k = {1, 2, 3}; for (i in 1:2) k[g[i]] += 5; f = (k[1] + 100 * k[2]) * u[1];",
     lambda a, b, c: (11 + 200) * a),
]


# What need not be evaluated is not: each would reject, or read an element that does not exist.
LAZY = [
    ("and", "", "", "f = 0; for (i in 1:3) { if (i > 1 && u[i - 1] > 0) f += u[i]; else f += 2 * u[i]; }", lambda a, b, c: 2 * a + b + 2 * c),
    ("or", "", "", "f = 0; for (i in 1:3) { if (i == 1 || u[i - 1] > 0) f += u[i]; else f += 2 * u[i]; }", lambda a, b, c: a + b + 2 * c),
    ("parameters first", "", "array[1] int z = {0};", "f = u[1]; if (u[2] > 0 && u[z[1]] > 0) f = u[3]; if (u[1] > 0 || u[z[1]] > 0) f += u[3];",
     lambda a, b, c: a + c),
    ("not", "", "array[1] int z = {0};", "f = !(u[1] > 0 || u[z[1]] > 0) ? u[2] : u[3];", lambda a, b, c: c),
    ("nested", "", "", "f = 0; for (i in 1:3) if (i > 1 && (u[i - 1] > 0 || i > 2 && u[i - 2] > 0)) f += i * u[i];", lambda a, b, c: 2 * b + 3 * c),
    ("as numbers", "", "", "f = u[1]; for (i in 1:3) f += (i > 1 && u[i - 1] > 0) * u[i];", lambda a, b, c: a + b),
    ("choice by parameters", "", "array[1] int z = {0};", "f = u[2] > 0 ? u[z[1]] : u[3];", lambda a, b, c: c),
    ("choice by data", "", "", "f = 0; for (i in 1:3) f += i > 1 ? u[i - 1] * u[i] : u[1];", lambda a, b, c: a + a * b + b * c),
    ("choice of vectors", "", "array[2] int z = {0, 4};", "vector[2] x = u[2] > 0 ? u[z] : u[2:3]; f = x[1] + 10 * x[2];", lambda a, b, c: b + 10 * c),
    ("while", "", "", "int i = 3; f = 0; while (i > 0 && u[i] < 5) { f += i * u[i]; i -= 1; }", lambda a, b, c: a + 2 * b + 3 * c),
    ("a function that rejects", "real positive(real x) { if (x < 0) reject(\"negative: \", x); return x; }", "",
     "f = u[1]; if (u[2] > 0 && positive(u[2]) > 0) f = 0; f += positive(u[1]) + (u[2] > 0 ? positive(u[2]) : u[3]);",
     lambda a, b, c: 2 * a + c),
    ("division of ints", "", "array[1] int z = {0};", "f = u[1]; if (z[1] != 0 && 6 %/% z[1] > 1) f = 0; f += z[1] == 0 ? u[2] : 6 %/% z[1];", lambda a, b, c: a + b),
]
REJECTING = """functions {
  real one(int n, real a, real p) { real t = a + log(abs(p)); if (p < 0 || p > 1) { reject("p = ", p); } return n * t; }
  real two(real p) { if (p > 0) return 2 * p; reject("p = ", p); }
  void three(real p) { if (p < 0) reject("p = ", p); }
  real four_lpdf(real y, real p) { three(p); return -square(y - p); }
}
data { int<lower=1> R; array[R] int<lower=0> y; array[R] int<lower=0> m; }
parameters { real a; vector[2] p; }
model {
  for (i in 1:R) {
    array[2] real lp;
    lp[1] = a;
    lp[2] = 1;
    for (k in 1:m[i]) lp[2] = lp[2] + one(y[i], a, p[k]);
    target += log_sum_exp(lp) + (m[i] > 0 ? two(p[1]) : 0);
  }
  a ~ four(p[1]);
}
"""


def rejecting(a, p, y=(1, 2, 3), m=(2, 1, 0)):
    def part(n, count):
        top = 1 + sum(n * (a + math.log(p[k])) for k in range(count))
        return math.log(math.exp(a) + math.exp(top)) + (2 * p[0] if count > 0 else 0)
    return sum(part(n, count) for n, count in zip(y, m)) - (a - p[0]) ** 2


TARGET = """functions {
  real twice_lp(real x) { target += x; return target(); }
}
data { int<lower=1> N; vector[N] y; }
parameters { real a; real<lower=0> s; }
model {
  real at_start = target();
  target += a * a;
  real one = target();
  y ~ normal(a, s);
  real rows = target() - one;
  target += 2 * twice_lp(3 * a) + target() * a;
  target += at_start * 10 + rows * 100;
  print("target: ", target());
}
"""


def target_of(a, t, y=(1.0, 2.5, -0.5)):
    s = math.exp(t)
    rows = sum(-0.5 * ((x - a) / s) ** 2 - t for x in y)
    lp = t + a * a + rows
    lp += 3 * a  # twice_lp
    lp += 2 * lp + lp * a
    return lp + 10 * t + 100 * rows


# How deep it goes is known: by constants, and by degree, an int of the data that has been seen.
RECURSION = """functions {
  vector basis(array[] real t, array[] real k, int ind, int order) {
    vector[size(t)] b;
    vector[size(t)] w1 = rep_vector(0, size(t));
    vector[size(t)] w2 = rep_vector(0, size(t));
    if (order == 1)
      for (i in 1:size(t)) b[i] = (k[ind] <= t[i]) && (t[i] < k[ind + 1]);
    else {
      if (k[ind] != k[ind + order - 1]) w1 = (to_vector(t) - k[ind]) / (k[ind + order - 1] - k[ind]);
      if (k[ind + 1] != k[ind + order]) w2 = 1 - (to_vector(t) - k[ind + 1]) / (k[ind + order] - k[ind + 1]);
      b = w1 .* basis(t, k, ind, order - 1) + w2 .* basis(t, k, ind + 1, order - 1);
    }
    return b;
  }
  real power(real x, int n) { if (n == 0) return 1; return x * power(x, n - 1); }
  int factorial(int n) { return n <= 1 ? 1 : n * factorial(n - 1); }
  real even(real x, int n);
  real odd(real x, int n) { if (n == 0) return 0; else return x * even(x, n - 1); }
  real even(real x, int n) { if (n == 0) return 1; return x + odd(x, n - 1); }
}
data { int N; int M; array[M] real k; int degree; array[N] real t; }
transformed data {
  int B = M - degree - 1;
  matrix[B, N] X;
  for (i in 1:B) X[i] = basis(t, k, i, degree + 1)';
}
parameters { row_vector[B] a; real b; }
model { target += sum(a * X .* [1, 2, 3]) + power(b, 3) + factorial(4) * b + even(b, degree); }
"""


def basis(t, k, i, order):
    if order == 1:
        return float(k[i] <= t < k[i + 1])
    left = 0 if k[i] == k[i + order - 1] else (t - k[i]) / (k[i + order - 1] - k[i]) * basis(t, k, i, order - 1)
    right = 0 if k[i + 1] == k[i + order] else (k[i + order] - t) / (k[i + order] - k[i + 1]) * basis(t, k, i + 1, order - 1)
    return left + right


NORMAL = math.log(2 * math.pi) / 2
MIXTURE = """functions {
  real na_lpdf(real y, real m) { return normal_lupdf(y | m, 1); }
  real ca_lpdf(real y, real m) { return cauchy_lupdf(y | m, 1); }
  real deep_lpdf(real y, real m) { return na_lupdf(y | m); }
  real deeper_lpdf(real y, real m) { return deep_lpdf(y | m); }
  real mix_lpdf(real y, real p) { return log_mix(p, na_lpdf(y | 0), ca_lpdf(y | 0)); }
  real loose_lpdf(real y, real p) { return log_mix(p, deep_lupdf(y | 0), ca_lupdf(y | 0)); }
  real held_lpdf(real y, real p) { real a = na_lpdf(y | 0); real b = ca_lpdf(y | 0); return log_mix(p, a, b); }
  real part_lpmf(array[] int n, int start, int end, real y) { return mix_lupdf(y | 0.3) + size(n) * deep_lupdf(y | 0); }
  void add_lp(real y) { target += na_lupdf(y | 0); y ~ cauchy(0, 1); target += ca_lpdf(y | 0); }
}
parameters {
  real x;
}
model {
"""


def normal(x):
    return -x * x / 2 - NORMAL


def cauchy(x):
    return -math.log(math.pi) - math.log1p(x * x)


def log_mix(a, b):
    return math.log(0.3 * math.exp(a) + 0.7 * math.exp(b))


# What is dropped is a constant that does not matter where a density is all of a statement, and a weight in a mixture.
DENSITIES = [
    ("tilde", "x ~ mix(0.3);", lambda x: log_mix(normal(x), cauchy(x))),
    ("lupdf", "target += mix_lupdf(x | 0.3);", lambda x: log_mix(normal(x), cauchy(x))),
    ("held", "x ~ held(0.3);", lambda x: log_mix(normal(x), cauchy(x))),
    ("lpdf of lupdf", "target += log_mix(0.3, deep_lpdf(x | 0), deeper_lupdf(x | 0) + 1);", lambda x: log_mix(normal(x), normal(x) + 1)),
    ("all by lupdf", "x ~ loose(0.3);", lambda x: log_mix(normal(x) + NORMAL, cauchy(x) + math.log(math.pi))),
    ("loose called by lpdf", "target += loose_lpdf(x | 0.3);", lambda x: log_mix(normal(x), cauchy(x))),
    ("model", "target += log_mix(0.3, deep_lupdf(x | 0), ca_lpdf(x | 0));", lambda x: log_mix(normal(x) + NORMAL, cauchy(x))),
    ("reduce_sum", "target += reduce_sum(part_lupmf, {1, 2}, 2, x);", lambda x: log_mix(normal(x), cauchy(x)) + 2 * (normal(x) + NORMAL)),
    ("reduce_sum, lpmf", "target += reduce_sum(part_lpmf, {1, 2}, 2, x);", lambda x: log_mix(normal(x), cauchy(x)) + 2 * normal(x)),
    ("_lp", "add_lp(x);", lambda x: normal(x) + NORMAL + 2 * cauchy(x) + math.log(math.pi)),
]


NAN = float("nan")
LEAST = -2147483648
# What is declared without a value is NaN, an int the smallest: statements that compute f, and f.
UNSET = [
    ("scalar", "real t; f = u[1] + t;", lambda a, b, c: NAN),
    ("data alone", "real t; real s = 2 * t; f = u[1]; if (is_nan(s)) f += 1;", lambda a, b, c: a + 1),
    ("int", "int i; f = i + u[1];", lambda a, b, c: LEAST + a),
    ("part of a vector", "vector[3] v; v[1] = u[1]; v[2] = u[2]; f = sum(v);", lambda a, b, c: NAN),
    ("other part of it", "vector[3] v; v[1] = u[1]; v[2] = u[2]; f = sum(v[1:2]);", lambda a, b, c: a + b),
    ("one side", "real t; if (u[2] > 0) t = 1; f = u[1] + t;", lambda a, b, c: NAN),
    ("the side that is taken", "real t; if (u[2] < 0) t = 1; f = u[1] + t;", lambda a, b, c: a + 1),
    ("a loop that does not run", "real t; for (i in 3:2) t = 1; f = u[1] + t;", lambda a, b, c: NAN),
    ("every second", "vector[3] v; for (i in 1:2) v[2 * i - 1] = u[i]; f = v[1] + v[3] + is_nan(v[2]);", lambda a, b, c: a + b + 1),
    ("each iteration anew", "f = u[1]; for (i in 1:3) { real t; if (i == 1) t = 5; else f += is_nan(t); }", lambda a, b, c: a + 2),
    ("triangle", "matrix[2, 2] A; A[1, 1] = u[1]; A[2] = u[1:2]'; f = A[1, 1] + A[2, 1] + A[2, 2] + is_nan(A[1, 2]);", lambda a, b, c: 2 * a + b + 1),
    ("array of vectors", "array[2] vector[2] v; v[2] = u[1:2]; f = sum(v[2]) + is_nan(v[1, 2]);", lambda a, b, c: a + b + 1),
    ("ints of an array", "array[3] int k; k[2] = 7; f = u[1] + k[2] + (k[1] == k[3]) + (k[1] < -2147483647);", lambda a, b, c: a + 9),
    ("by an index", "vector[3] v; array[2] int k = {3, 1}; v[k] = u[1:2]; f = v[3] + 10 * v[1] + is_nan(v[2]);", lambda a, b, c: a + 10 * b + 1),
    ("function", "f = half(u[1], 0) + is_nan(half(u[2], 1));", lambda a, b, c: a + 1),
    ("tuple", "tuple(real, vector[2]) t; t.2[1] = u[1]; f = t.2[1] + is_nan(t.1) + is_nan(t.2[2]);", lambda a, b, c: a + 2),
    ("transformed data", "f = u[1] + is_nan(early[1]) + early[2] + is_nan(none) + (few[2] == few[1]) + (few[1] < -2147483647);", lambda a, b, c: a + 1 + 3 + 1 + 1 + 1),
    ("transformed parameters", "f = late[1] + is_nan(late[2]);", lambda a, b, c: a + 1),
]
UNSET_BEGIN = """functions {
  real half(real x, int which) { vector[2] y; y[1] = x; return y[1 + which]; }
}
transformed data {
  vector[2] early;
  real none;
  array[2] int few;
  early[2] = 3;
}
parameters {
  real w;
  vector[3] u;
}
transformed parameters {
  vector[2] late;
  late[1] = u[1];
}
model {
  real f;
"""


def program(cases):
    functions = "\n".join(case[1] for case in cases if case[1])
    data, body = [], []
    for k, (name, _, transformed, statements, _) in enumerate(cases):
        for word in re.findall(r"\](?: int)? (\w+) =", transformed):  # each case has its own
            transformed, statements = (re.sub(rf"\b{word}\b", f"{word}_{k}", text) for text in (transformed, statements))
        data.append(transformed)
        body.append(f"  {{ // {name}\n    real f;\n    {statements}\n    target += w[{k + 1}] * f;\n  }}\n")
    text = "functions {\n" + functions + "\n}\n" if functions else ""
    text += "transformed data {\n  " + "\n  ".join(d for d in data if d) + "\n}\n"
    text += f"parameters {{\n  vector[{len(cases)}] w;\n  vector[3] u;\n}}\nmodel {{\n" + "".join(body) + "}\n"
    return text


def evaluate(name, text, points, *options, data="{}"):
    """Log density and gradient at each point."""
    with tempfile.TemporaryDirectory() as there:
        for file, content in ((f"{name}.stan", text), ("at.json", json.dumps({"points": points})), ("none.json", data)):
            with open(os.path.join(there, file), "w", encoding="ascii") as out:
                out.write(content)
        r = subprocess.run([MASTING, "check", f"{name}.stan", "none.json", "--at", "at.json", "--json", *options], cwd=there,
                           capture_output=True, text=True, check=False)
        if r.returncode != 0:
            fail(name, f"exit {r.returncode}\n{r.stderr}\n{text}")
            return None
        points = json.loads(r.stdout)["points"]
        return [{"lp": float(p["lp"]), "grad": [float(g) for g in p["grad"]]} for p in points]


def fail(name, message):
    global failures
    failures += 1
    print(f"FAIL {name}: {message}")


def same(a, b, tolerance=1e-7):
    if a is None or b is None or math.isnan(a) or math.isnan(b):
        return (a is None or math.isnan(a)) and (b is None or math.isnan(b))
    return abs(a - b) <= tolerance * max(1, abs(a), abs(b))


def slope(f, i):
    h = 1e-5
    up, down = list(U), list(U)
    up[i] += h
    down[i] -= h
    return (f(*up) - f(*down)) / (2 * h)


def check_group(name, cases, *options):
    points = [[float(i == k) for i in range(len(cases))] + list(U) for k in range(len(cases))]
    result = evaluate(name, program(cases), points, *options)
    for k, case in enumerate(cases if result else []):
        value, gradient = result[k]["lp"], result[k]["grad"]
        formula = case[-1]
        if not same(value, formula(*U)):
            fail(f"{name}, {case[0]}", f"value {value}, expected {formula(*U)}")
        for i in range(3):
            if not same(gradient[len(cases) + i], slope(formula, i), 1e-5):
                fail(f"{name}, {case[0]}", f"slope by u[{i + 1}] {gradient[len(cases) + i]}, expected {slope(formula, i)}")


def check_unset():
    chosen = "".join(f"  {'' if k == 0 else 'else '}if (w < {k + 1}) {{ {statement} }}\n" for k, (_, statement, _) in enumerate(UNSET))
    result = evaluate("unset", UNSET_BEGIN + chosen + "  target += f;\n}\n", [[k + 0.5, *U] for k in range(len(UNSET))])
    for k, (name, _, f) in enumerate(UNSET if result else []):
        if not same(result[k]["lp"], f(*U)):
            fail(f"unset, {name}", f"value {result[k]['lp']}, expected {f(*U)}")
    rows = """data { int N; vector[N] y; array[N] int g; }
parameters { real a; }
model {
  vector[N] mu;
  for (n in 1:N) if (g[n] > 0) mu[n] = a * y[n];
  for (n in 1:N) if (g[n] > GROUP) target += mu[n]; else target += a;
}
"""
    data = json.dumps({"N": 4, "y": [1, 2, 3, 4], "g": [1, 0, 2, 0]})
    for group, value in ((0, 1.5 * (1 + 3 + 2)), (-1, NAN)):
        for lanes in ("1", "8"):
            result = evaluate("unset_rows", rows.replace("GROUP", str(group)), [[1.5]], "--lanes", lanes, data=data)
            if result and not same(result[0]["lp"], value):
                fail(f"unset rows, {group}, {lanes} lanes", f"value {result[0]['lp']}, expected {value}")


def check_formula(name, text, data, points, formula, *options):
    result = evaluate(name, text, points, *options, data=data)
    for point, got in zip(points, result or []):
        value = formula(*point)
        if not same(got["lp"], value) and math.isfinite(got["lp"]) | math.isfinite(value):
            fail(name, f"value at {point} {got['lp']}, expected {value}")
        for i in range(len(point) if math.isfinite(value) else 0):
            up, down = list(point), list(point)
            up[i] += 1e-5
            down[i] -= 1e-5
            if not same(got["grad"][i], (formula(*up) - formula(*down)) / 2e-5, 1e-5):
                fail(name, f"slope {i + 1} at {point} {got['grad'][i]}, expected {(formula(*up) - formula(*down)) / 2e-5}")


def check_rejection():
    data = json.dumps({"R": 3, "y": [1, 2, 3], "m": [2, 1, 0]})
    points = [[0.3, 0.4, 0.6], [0.3, 0.4, -0.6], [0.3, -0.4, 0.6], [-0.2, 0.9, 0.1]]
    check_formula("rejection", REJECTING, data, points, lambda a, p, q: rejecting(a, (p, q)) if p > 0 and q > 0 else -math.inf)


def check_target():
    check_formula("target", TARGET, json.dumps({"N": 3, "y": [1.0, 2.5, -0.5]}), [[0.5, 0.2], [-1.0, 0.7]], target_of)


def check_recursion():
    knots, times = [0, 0, 0, 0.4, 1, 1, 1], [0.1, 0.5, 0.9]
    data = {"N": 3, "M": 7, "k": knots, "degree": 2, "t": times}
    check_formula("recursion", RECURSION, json.dumps(data), [[0.1, 0.2, 0.3, 0.4, 1.5]], lambda *p: sum(
        (j + 1) * sum(p[i] * basis(t, knots, i, 3) for i in range(4)) for j, t in enumerate(times)) + p[4] ** 3 + 24 * p[4] + 2 * p[4],
        "--shard", "none")
    endless = "functions { real f(real x) { if (x > 1) return 1; return x * f(x + 1); } } parameters { real u; } model { target += f(u); }"
    refused("recursion by parameters", endless, "{}", "recursion of f", "refused.stan:1")


def check_empty():
    """An empty list says nothing of inner dimensions; ~ foo_lpdf is taken with one warning."""
    text = """functions { real foo_lpdf(real y, real m) { return -square(y - m); } }
data { int n; int m; matrix[n, 2] M; array[2 * n, 3, 4] real A; array[m, n] int k; }
parameters { real u; }
model { u ~ foo_lpdf(1.0); u ~ foo_lpdf(2); }
"""
    for data in ({"n": 0, "m": 2, "M": [], "A": [], "k": [[], []]}, {"n": 0, "m": 2, "M": [], "A": [], "k": []},
                 {"n": 1, "m": 0, "M": [[1, 2]], "A": [[[0] * 4] * 3] * 2, "k": []}):
        check_formula("empty", text, json.dumps(data), [[0.5]], lambda u: -(u - 1) ** 2 - (u - 2) ** 2)
    refused("empty, not of that size", text, json.dumps({"n": 1, "m": 0, "M": [[1, 2]], "A": [], "k": []}), "A", "expected 2")


def refused(name, text, data, *words):
    with tempfile.TemporaryDirectory() as there:
        for file, content in (("refused.stan", text), ("none.json", data)):
            with open(os.path.join(there, file), "w", encoding="ascii") as out:
                out.write(content)
        r = subprocess.run([MASTING, "check", "refused.stan", "none.json"], cwd=there, capture_output=True, text=True, check=False)
        if r.returncode in (0, 134, 139) or any(word not in r.stderr for word in words):
            fail(name, f"exit {r.returncode}: {r.stderr}")


def check_sizes():
    """A negative size ends the run with its line and value."""
    for name, text in (("transformed data", "transformed data { int k = -3; vector[k] a; } parameters { real mu; } model { mu ~ normal(0, 1); }"),
                       ("model", "transformed data { int k = 2; } parameters { real mu; } model { vector[k - 5] a; mu ~ normal(0, 1); }"),
                       ("ints", "transformed data { array[2] int k = {1, -3}; array[k[2]] int a; } parameters { real mu; } model { mu ~ normal(0, 1); }"),
                       ("parameter", "transformed data { int k = -3; } parameters { vector[k] mu; } model { mu ~ normal(0, 1); }")):
        refused(f"sizes, {name}", text, "{}", "refused.stan:1", "-3")


def check_densities():
    """All in one program, which a parameter chooses among."""
    chosen = "".join(f"  {'' if k == 0 else 'else '}if (k < {k + 1}) {{ {statement} }}\n" for k, (_, statement, _) in enumerate(DENSITIES))
    text = MIXTURE.replace("  real x;\n", "  real x;\n  real k;\n") + chosen + "}\n"
    points = [[x, k + 0.5] for k in range(len(DENSITIES)) for x in (1.5, -2.0)]
    result = evaluate("densities", text, points)
    for i, (x, k) in enumerate(points if result else []):
        name, _, f = DENSITIES[int(k)]
        if not same(result[i]["lp"], f(x)):
            fail(name, f"density at {x} {result[i]['lp']}, expected {f(x)}")
        if not same(result[i]["grad"][0], (f(x + 1e-5) - f(x - 1e-5)) / 2e-5, 1e-5):
            fail(name, f"slope at {x} {result[i]['grad'][0]}")


def main():
    groups = {"alias": ALIAS, "tuples": TUPLES, "repeats": REPEATS, "lazy": LAZY}
    tests = {name: lambda name=name, cases=cases: check_group(name, cases) for name, cases in groups.items()}
    tests |= {"densities": check_densities, "unset": check_unset, "rejection": check_rejection, "target": check_target, "sizes": check_sizes,
              "recursion": check_recursion, "empty": check_empty}
    for name, test in tests.items():
        if len(sys.argv) < 2 or sys.argv[1] in name:
            test()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
