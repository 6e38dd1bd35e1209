/* tests/unit/check_cases.h -- programs that the checker refuses or warns of, with whole
 * messages. */

static const check_case refused[] = {
    {"parameters { real sigma; }\n"
     "model { target += sigm; }",
     "m.stan:2:19: unknown variable 'sigm'; did you mean 'sigma'?\n"
     "  model { target += sigm; }\n"
     "                    ^~~~"},
    {"data { vector[N] x; int N; }", "m.stan:1:15: 'N' is used before it is declared, in line 1\n"
                                     "  data { vector[N] x; int N; }\n"
                                     "                ^"},
    {"model { real z = 1; target += z; }\n"
     "generated quantities { real w = z; }",
     "m.stan:2:33: 'z' is local to the model block; try to declare it in transformed "
     "parameters\n"
     "  generated quantities { real w = z; }\n"
     "                                  ^"},
    {"functions { real f() { return a; } }\n"
     "data { real a; }",
     "m.stan:1:31: functions see their arguments only; 'a' is declared in data; try to pass "
     "it as an argument\n"
     "  functions { real f() { return a; } }\n"
     "                                ^"},
    {"data { real a; }\n"
     "model { for (i in 1:2) { real a = 1; target += a; } }",
     "m.stan:2:31: 'a' is declared already, in line 1; Stan has no shadowing: try another "
     "name\n"
     "  model { for (i in 1:2) { real a = 1; target += a; } }\n"
     "                                ^"},
    {"data { real a; }\n"
     "transformed data { a = 1; }",
     "m.stan:2:20: cannot assign to 'a': it is declared in data\n"
     "  transformed data { a = 1; }\n"
     "                     ^"},
    {"parameters { real a; }\n"
     "model { a = 1; }",
     "m.stan:2:9: cannot assign to 'a': it is declared in parameters\n"
     "  model { a = 1; }\n"
     "          ^"},
    {"transformed data { real a; }\n"
     "transformed parameters { a = 1; }",
     "m.stan:2:26: cannot assign to 'a': it belongs to transformed data, and this is "
     "transformed parameters\n"
     "  transformed parameters { a = 1; }\n"
     "                           ^"},
    {"model { for (i in 1:3) i = 2; }",
     "m.stan:1:24: cannot assign to 'i': it is the variable of a loop\n"
     "  model { for (i in 1:3) i = 2; }\n"
     "                         ^"},
    {"functions { real f(real x) { x += 1; return x; } }",
     "m.stan:1:30: cannot assign to 'x': it is an argument of the function; try a local copy\n"
     "  functions { real f(real x) { x += 1; return x; } }\n"
     "                               ^"},
    {"model { target += normal_rng(0, 1); }",
     "m.stan:1:19: random numbers can be drawn in transformed data, generated quantities "
     "and functions that end in _rng only\n"
     "  model { target += normal_rng(0, 1); }\n"
     "                    ^~~~~~~~~~~~~~~~"},
    {"transformed data { target += 1; }",
     "m.stan:1:20: target += can stand in the model block and in functions that end in _lp "
     "only\n"
     "  transformed data { target += 1; }\n"
     "                     ^~~~~~"},
    {"generated quantities { real x; x ~ normal(0, 1); }",
     "m.stan:1:32: ~ adds to target; it can stand in the model block and in functions that "
     "end in _lp only\n"
     "  generated quantities { real x; x ~ normal(0, 1); }\n"
     "                                 ^"},
    {"parameters { real x; }\n"
     "model { x ~ norml(0, 1); }",
     "m.stan:2:13: unknown distribution 'norml'; did you mean 'normal'?\n"
     "  model { x ~ norml(0, 1); }\n"
     "              ^~~~~"},
    {"parameters { int k; }",
     "m.stan:1:18: 'k' in parameters; expected a real type, got int; try to sum the integer "
     "out of the model\n"
     "  parameters { int k; }\n"
     "                   ^"},
    {"functions { real f(real x) { if (x > 0) return 1; } }",
     "m.stan:1:18: function f can end without a value; expected return on every path\n"
     "  functions { real f(real x) { if (x > 0) return 1; } }\n"
     "                   ^"},
    {"functions { real f(real x); }", "m.stan:1:18: function f is declared and never defined\n"
                                      "  functions { real f(real x); }\n"
                                      "                   ^"},
    {"functions { void f() { print(\"x\"); } }\n"
     "model { target += f(); }",
     "m.stan:2:19: f returns nothing; expected a value\n"
     "  model { target += f(); }\n"
     "                    ^~~"},
    {"functions { real f() { return 1; } }\n"
     "model { f(); }",
     "m.stan:2:9: the value of f is not used; try to assign it to a variable\n"
     "  model { f(); }\n"
     "          ^~~"},
    {"functions { real f(data real x) { return x; } }\n"
     "parameters { real p; }\n"
     "model { target += f(p); }",
     "m.stan:3:21: argument 1 of f; expected data, got an expression that depends on "
     "parameters\n"
     "  model { target += f(p); }\n"
     "                      ^"},
    {"data { real N; vector[N] x; }", "m.stan:1:23: size of 'x'; expected int, got real\n"
                                      "  data { real N; vector[N] x; }\n"
                                      "                        ^"},
    {"parameters { real<lower=0> a; vector[to_int(a)] x; }",
     "m.stan:1:45: sizes of program variables are known from data; 'a' is declared in "
     "parameters\n"
     "  parameters { real<lower=0> a; vector[to_int(a)] x; }\n"
     "                                              ^"},
    {"model { break; }", "m.stan:1:9: break can stand in loops only\n"
                         "  model { break; }\n"
                         "          ^~~~~"},
    {"parameters { real<lower={1, 2}> a; }",
     "m.stan:1:25: lower bound of 'a'; expected int or real, got array[] int\n"
     "  parameters { real<lower={1, 2}> a; }\n"
     "                          ^~~~~~"},
    {"data { int<lower=0.5> n; }",
     "m.stan:1:18: lower bound of 'n', which is an int; expected int, got real\n"
     "  data { int<lower=0.5> n; }\n"
     "                   ^~~"},
    {"parameters { real<lower=1, upper=0> a; }",
     "m.stan:1:34: upper bound of 'a'; expected at least the lower bound 1, got 0\n"
     "  parameters { real<lower=1, upper=0> a; }\n"
     "                                   ^"},
    {"functions { real f(real x) { return x; } real f(real y) { return y; } }",
     "m.stan:1:47: function f is defined already, in line 1\n"
     "  functions { real f(real x) { return x; } real f(real y) { return y; } }\n"
     "                                                ^"},
    {"functions { real f(real x) { return x; } vector f(real y) { return [y]'; } }",
     "m.stan:1:49: function f has the arguments of the one in line 1 and another result; "
     "overloads differ in their arguments\n"
     "  functions { real f(real x) { return x; } vector f(real y) { return [y]'; } }\n"
     "                                                  ^"},
    {"functions { real exp(real x) { return x; } }",
     "m.stan:1:18: function exp is built in with these arguments; try another name\n"
     "  functions { real exp(real x) { return x; } }\n"
     "                   ^~~"},
    {"functions { real f(real a, int b) { return a + b; } real f(int a, real b) { return a "
     "* b; } }\n"
     "model { target += f(1, 2); }",
     "m.stan:2:19: f(int, int) is ambiguous; it fits\n"
     "    f(real, int) => real\n"
     "    f(int, real) => real\n"
     "  model { target += f(1, 2); }\n"
     "                    ^~~~~~~"},
    {"data { vector[2] a; vector[2] b; }\n"
     "model { target += sum(a * b); }",
     "m.stan:2:25: operator * does not take vector and vector; try .* for the product of "
     "elements, dot_product(a, b) for their sum\n"
     "  model { target += sum(a * b); }\n"
     "                          ^"},
    {"data { vector[2] a; row_vector[2] b; }\n"
     "model { vector[2] c = a + b; target += c; }",
     "m.stan:2:25: operator + does not take vector and row_vector; one is a row, the other "
     "a column; try to transpose one with '\n"
     "  model { vector[2] c = a + b; target += c; }\n"
     "                          ^"},
    {"data { array[2] real a; }\n"
     "model { target += a + 1; }",
     "m.stan:2:21: operator + does not take array[] real and int; arrays have no "
     "arithmetic; try to_vector(...), or an expression for each element\n"
     "  model { target += a + 1; }\n"
     "                      ^"},
    {"data { real a; }\n"
     "model { target += a % 2; }",
     "m.stan:2:21: operator % does not take real and int; expected int and int; try fmod(a, "
     "b) or floor(a / b)\n"
     "  model { target += a % 2; }\n"
     "                      ^"},
    {"data { array[3] real x; }\n"
     "model { target += softmax(x); }",
     "m.stan:2:19: no softmax takes (array[] real); expected one of\n"
     "    softmax(vector) => vector\n"
     "    softmax(row_vector) => row_vector\n"
     "    softmax(array[] vector) => array[] vector\n"
     "    softmax(array[] row_vector) => array[] row_vector\n"
     "  model { target += softmax(x); }\n"
     "                    ^~~~~~~~~~"},
    {"parameters { real x; }\n"
     "model { x ~ normal(0); }",
     "m.stan:2:13: no normal_lpdf takes (real, int); expected\n"
     "    normal_lpdf(reals | reals, reals) => real\n"
     "  model { x ~ normal(0); }\n"
     "              ^~~~~~"},
    {"data { matrix[2, 2] x; }\n"
     "model { target += sum(append_row(x, 1)); }",
     "m.stan:2:23: no append_row takes (matrix, int); expected one of\n"
     "    append_row(matrix, row_vector) => matrix\n"
     "    append_row(matrix, matrix) => matrix\n"
     "    append_row(vector, real) => vector\n"
     "    append_row(real, vector) => vector\n"
     "    append_row(vector, vector) => vector\n"
     "    and 2 more\n"
     "  model { target += sum(append_row(x, 1)); }\n"
     "                        ^~~~~~~~~~~~~~~~"},
    {"model { target += lgama(2.0); }",
     "m.stan:1:19: unknown function 'lgama'; did you mean 'lgamma'?\n"
     "  model { target += lgama(2.0); }\n"
     "                    ^~~~~"},
    {"parameters { real x; }\n"
     "model { target += normal_lpdf(x, 0, 1); }",
     "m.stan:2:19: normal_lpdf; expected | after the outcome, got a comma; try "
     "normal_lpdf(y | ...)\n"
     "  model { target += normal_lpdf(x, 0, 1); }\n"
     "                    ^~~~~~~~~~~~~~~~~~~~"},
    {"parameters { real x; }\n"
     "model { target += pow(x | 2); }",
     "m.stan:2:19: pow is no density or distribution function; expected a comma in place of |\n"
     "  model { target += pow(x | 2); }\n"
     "                    ^~~~~~~~~~"},
    {"data { int n; }\n"
     "model { target += poisson_lpdf(n | 2); }",
     "m.stan:2:19: unknown function 'poisson_lpdf'; try poisson_lpmf, as the outcome is an "
     "integer\n"
     "  model { target += poisson_lpdf(n | 2); }\n"
     "                    ^~~~~~~~~~~~~~~~~~~"},
    {"data { matrix[2, 2] x; }\n"
     "model { target += sum(get_real(fft2(x))); }",
     "m.stan:2:23: function get_real exists in Stan and is not supported here; see "
     "docs/stan-language.md\n"
     "  model { target += sum(get_real(fft2(x))); }\n"
     "                        ^~~~~~~~~~~~~~~~~"},
    {"data { complex z; }",
     "m.stan:1:16: 'z' is complex; complex numbers are not supported here; see "
     "docs/stan-language.md\n"
     "  data { complex z; }\n"
     "                 ^"},
    {"transformed data { int n; n = 1.5; }",
     "m.stan:1:31: value assigned; expected int, got real; try to_int(...)\n"
     "  transformed data { int n; n = 1.5; }\n"
     "                                ^~~"},
    {"transformed data { vector[2] x; x = {1, 2}; }",
     "m.stan:1:37: value assigned; expected vector, got array[] int\n"
     "  transformed data { vector[2] x; x = {1, 2}; }\n"
     "                                      ^~~~~~"},
    {"transformed data { array[3] int n = {1, 2}; }",
     "m.stan:1:37: value of 'n'; expected 3 elements, got 2\n"
     "  transformed data { array[3] int n = {1, 2}; }\n"
     "                                      ^~~~~~"},
    {"transformed data { matrix[2, 2] x = [[1, 2], [3]]; }",
     "m.stan:1:46: rows of a matrix have one length; expected 2 elements, got 1\n"
     "  transformed data { matrix[2, 2] x = [[1, 2], [3]]; }\n"
     "                                               ^~~"},
    {"data { vector[3] x; }\n"
     "model { target += x[4]; }",
     "m.stan:2:21: index 4 of 'x', whose size is 3\n"
     "  model { target += x[4]; }\n"
     "                      ^"},
    {"data { vector[3] x; }\n"
     "model { target += x[1, 2]; }",
     "m.stan:2:19: 2 indices, but vector has 1 dimension\n"
     "  model { target += x[1, 2]; }\n"
     "                    ^~~~~~~"},
    {"data { vector[3] x; }\n"
     "model { target += x[1.5]; }",
     "m.stan:2:21: index; expected int or array[] int, got real\n"
     "  model { target += x[1.5]; }\n"
     "                      ^~~"},
    {"data { real a; }\n"
     "model { if (a) target += 1; }",
     "m.stan:2:13: condition of if; expected int, got real\n"
     "  model { if (a) target += 1; }\n"
     "              ^"},
    {"data { int n; }\n"
     "model { n ~ poisson_log(1) T[1, ]; }",
     "m.stan:2:13: truncation of poisson_log needs poisson_log_lcdf(int | ...), which does "
     "not exist\n"
     "  model { n ~ poisson_log(1) T[1, ]; }\n"
     "              ^~~~~~~~~~~"},
    {"parameters { real x; }\n"
     "generated quantities { real y = normal_lupdf(x | 0, 1); }",
     "m.stan:2:33: normal_lupdf drops constants; it can be called in the model block and in "
     "functions that end in _lp, _lpdf or _lpmf only; try normal_lpdf\n"
     "  generated quantities { real y = normal_lupdf(x | 0, 1); }\n"
     "                                  ^~~~~~~~~~~~~~~~~~~~~~"},
    {"functions { vector foo_lpdf(real x) { return [x]'; } }",
     "m.stan:1:20: function foo_lpdf is a distribution; expected it to return real, got "
     "vector\n"
     "  functions { vector foo_lpdf(real x) { return [x]'; } }\n"
     "                     ^~~~~~~~"},
    {"functions { vector f(real t, real y) { return [y]'; } }\n"
     "parameters { vector[1] y0; }\n"
     "transformed parameters { array[1] vector[1] y = ode_rk45(f, y0, 0, {1.0}); }",
     "m.stan:3:58: function argument of ode_rk45; expected (real, vector) => vector, got "
     "f(real, real) => vector\n"
     "  transformed parameters { array[1] vector[1] y = ode_rk45(f, y0, 0, {1.0}); }\n"
     "                                                           ^"},
    {"functions { array[] real f(real t, array[] real y, array[] real th, array[] real xr, "
     "array[] int xi) { return y; } }\n"
     "parameters { array[1] real p; }\n"
     "transformed parameters { array[1, 1] real y = integrate_ode_rk45(f, p, 0, {1.0}, p, "
     "p, {1}); }",
     "m.stan:3:85: argument 6 of integrate_ode_rk45; expected data, got an expression that "
     "depends on parameters\n"
     "  transformed parameters { array[1, 1] real y = integrate_ode_rk45(f, p, 0, {1.0}, p, "
     "p, {1}); }\n"
     "                                                                                      ^"},
    {"functions { real part_lpdf(array[] real x, int a, int b, real mu) { return "
     "normal_lupdf(x | mu, 1); } }\n"
     "data { array[3] real x; }\n"
     "model { target += reduce_sum(part_lupdf, x, 1, x); }",
     "m.stan:3:30: function argument of reduce_sum; expected (array[] real, int, int, "
     "array[] real) => real, got part_lpdf(array[] real | int, int, real) => real\n"
     "  model { target += reduce_sum(part_lupdf, x, 1, x); }\n"
     "                               ^~~~~~~~~~"},
    {"data { tuple(real, int) t; }\n"
     "model { target += t.3; }",
     "m.stan:2:19: .3 of tuple(real, int), which has 2 elements\n"
     "  model { target += t.3; }\n"
     "                    ^~~"},
    {"data { vector[2] a; }\n"
     "model { target += sum(1 ? a : a'); }",
     "m.stan:2:23: the two values of ?: have different types; expected vector, got row_vector\n"
     "  model { target += sum(1 ? a : a'); }\n"
     "                        ^~~~~~~~~~"},
    {"model { jacobian += 1; }",
     "m.stan:1:9: jacobian += can stand in transformed parameters and in functions that end "
     "in _jacobian only\n"
     "  model { jacobian += 1; }\n"
     "          ^~~~~~~~"},
    {"transformed data { real a; (a, a) = (1, 2); }",
     "m.stan:1:32: assignment to several variables; expected each of them once\n"
     "  transformed data { real a; (a, a) = (1, 2); }\n"
     "                                 ^"},
    {"parameters { real y; }\n"
     "model { target += normal(y, 0, 1); }",
     "m.stan:2:19: normal is a distribution; try normal_lpdf(y | ...) for its log density, "
     "or y ~ normal(...)\n"
     "  model { target += normal(y, 0, 1); }\n"
     "                    ^~~~~~~~~~~~~~~"},
    {"data { vector[2] y; }\n"
     "model { target += y(1); }",
     "m.stan:2:19: 'y' is a variable here; expected a function; try y[...]\n"
     "  model { target += y(1); }\n"
     "                    ^~~~"},
    {"data { matrix[3, 2] x; }\n"
     "model { target += x[1, 0]; }",
     "m.stan:2:24: index 0 in dimension 2 of 'x'; indices begin with 1\n"
     "  model { target += x[1, 0]; }\n"
     "                         ^"},
    {"model { real a = a; target += a; }", "m.stan:1:18: 'a' is used in its own declaration\n"
                                           "  model { real a = a; target += a; }\n"
                                           "                   ^"},
};

static const check_case warned[] = {
    {"parameters { real x; }\n"
     "model { x ~ normal_lpdf(0, 1); }",
     "m.stan:2:13: ~ normal_lpdf is an old form; write ~ normal\n"
     "  model { x ~ normal_lpdf(0, 1); }\n"
     "              ^~~~~~~~~~~"},
    {"parameters { real x; }\n"
     "model { x ~ normal(1 / 2, 1); }",
     "m.stan:2:20: a division of ints drops the remainder; write 2.0 for a real quotient, "
     "%/% if that is meant\n"
     "  model { x ~ normal(1 / 2, 1); }\n"
     "                     ^~~~~"},
    {"parameters { real mu; real s; }\n"
     "model { mu ~ normal(0, s); }",
     "m.stan:2:24: argument 2 of normal must be positive, and 's' may be negative; declare "
     "it with <lower=0>\n"
     "  model { mu ~ normal(0, s); }\n"
     "                         ^"},
    {"parameters { real s; }\n"
     "model { s ~ uniform(0, 10); }",
     "m.stan:2:9: 's' can leave the support of uniform(0, 10), where its density is 0; "
     "declare it with <lower=0, upper=10>\n"
     "  model { s ~ uniform(0, 10); }\n"
     "          ^"},
    {"parameters { real s; }\n"
     "model { s ~ std_normal(); s ~ normal(1, 2); }",
     "m.stan:2:27: 's' is on the left of ~ twice: both densities count\n"
     "  model { s ~ std_normal(); s ~ normal(1, 2); }\n"
     "                            ^"},
    {"parameters { real s; }\n"
     "model { real x; x = 1; }",
     "m.stan:2:14: 'x' is never used\n"
     "  model { real x; x = 1; }\n"
     "               ^\n"
     "m.stan:1:19: parameter 's' is never used: its posterior is flat within its constraints\n"
     "  parameters { real s; }\n"
     "                    ^"},
    {"parameters { real<lower=0> s; }\n"
     "model { target += normal_log(s, 0, 1) + fabs(s) + gamma_cdf_log(s, 1, 1); }",
     "m.stan:2:19: normal_log is an old name; write normal_lpdf\n"
     "  model { target += normal_log(s, 0, 1) + fabs(s) + gamma_cdf_log(s, 1, 1); }\n"
     "                    ^~~~~~~~~~\n"
     "m.stan:2:41: fabs is an old name; write abs\n"
     "  model { target += normal_log(s, 0, 1) + fabs(s) + gamma_cdf_log(s, 1, 1); }\n"
     "                                          ^~~~\n"
     "m.stan:2:51: gamma_cdf_log is an old name; write gamma_lcdf\n"
     "  model { target += normal_log(s, 0, 1) + fabs(s) + gamma_cdf_log(s, 1, 1); }\n"
     "                                                    ^~~~~~~~~~~~~"},
    {"parameters { real s; }\n"
     "model { target += normal_lcdf(s, 0, 1); }",
     "m.stan:2:19: normal_lcdf: write normal_lcdf(y | ...) in place of a comma\n"
     "  model { target += normal_lcdf(s, 0, 1); }\n"
     "                    ^~~~~~~~~~~"},
    {"transformed parameters { real a; array[0] real b; }\n"
     "model { real x; target += a + x; }",
     "m.stan:2:14: 'x' is never given a value\n"
     "  model { real x; target += a + x; }\n"
     "               ^\n"
     "m.stan:1:31: 'a' is never given a value\n"
     "  transformed parameters { real a; array[0] real b; }\n"
     "                                ^"},
    {"generated quantities { vector[2] v; vector[2] u; u[1] = 1; }",
     "m.stan:1:34: 'v' is never given a value\n"
     "  generated quantities { vector[2] v; vector[2] u; u[1] = 1; }\n"
     "                                   ^"},
};
