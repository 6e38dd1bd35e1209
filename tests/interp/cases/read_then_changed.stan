// a local of data is read by what depends on parameters and changes after it
data {
  int<lower=0> N;
  vector[N] y;
}
parameters {
  real a;
}
model {
  vector[N] v = y;
  real s = 0;
  v ~ student_t(4, a, 1.5);
  v -= v;
  for (n in 1 : N) {
    s += y[n];
  }
  target += s * a;
  s = 2 * s + 1;
  target += s * square(a);
  for (n in 1 : N) {
    v[n] = y[n] + s;
  }
  target += sum(v) * sin(a);
}
