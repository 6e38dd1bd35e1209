// conditions that read one row stand around rows
data {
  int<lower=0> N;
  vector[N] y;
  array[N] int<lower=0> count;
  array[N] int<lower=0, upper=1> flag;
}
parameters {
  real a;
  vector[N] b;
}
model {
  if (flag[3] == 0) {
    for (n in 1 : N) {
      target += normal_lpdf(y[n] | a + b[n], 1);
    }
  } else {
    for (n in 1 : N) {
      target += normal_lpdf(y[n] | a * b[n], 2);
    }
  }
  if (y[2] > -0.1) {
    b ~ std_normal();
  }
  for (k in 1 : count[4] + 1) {
    for (n in 1 : N) {
      target += -0.1 * square(b[n] * k);
    }
  }
}
