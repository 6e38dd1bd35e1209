// early returns whose size a choice or a local gives; functions that add to target, once, in a choice of containers
functions {
  vector f(vector x, int n) {
    if (n == 1) {
      return n > 3 ? rep_vector(x[2], 4 - 1) : rep_vector(0.3, 3);
    }
    for (i in 1 : 4) {
      if (i == n) {
        return rep_vector(x[1], n > 2 ? 3 : 4 - 1);
      }
    }
    return x;
  }
  vector g_lp(vector x) {
    target += -0.5 * dot_self(x);
    return 2 * x;
  }
}
data {
  int<lower=0> N;
  array[N] int<lower=0, upper=1> flag;
}
parameters {
  vector[3] b;
}
model {
  for (n in 1 : N) {
    vector[3] c = flag[n] == 1 ? g_lp(b) : g_lp(b + 1);
    target += sum(sin(f(b, n))) + sum(cos(c));
    target += sum(flag[n] == 1 ? g_lp(b) : g_lp(b[1 : 2]));
  }
}
