// A sum that grows from turn to turn of a loop around rows: rows that came after all turns would see its last value.
data {
  int<lower=1> N;
  int<lower=1> P;
  matrix[N, P] X;
  vector[N] y;
}
parameters {
  vector[P] b;
}
model {
  real total = 0;
  for (p in 1 : P) {
    total += b[p];
    y ~ normal(X[ : , p] * total, 1 + square(total));
  }
  b ~ std_normal();
}
