// No parameters: sampling makes the generated quantities alone.
data {
  int<lower=0> N;
}
generated quantities {
  array[N] real y;
  int k = poisson_rng(3);
  for (n in 1:N)
    y[n] = normal_rng(n, 2);
}
