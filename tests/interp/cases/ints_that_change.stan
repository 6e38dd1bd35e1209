// ints that change after a loop or a size was made of them
data {
  int<lower=0> N;
}
transformed data {
  int m = 2;
  array[m] real fixed = {0.5, 1.5};
  m = 1;
}
parameters {
  real a;
}
transformed parameters {
  vector[m + 1] b = [a, a * fixed[2]]';
}
model {
  int i = 1, k = 2;
  matrix[3, k] v = rep_matrix(a, 3, k);
  vector[m] w = b[ : m];
  for (n in i : 3) {
    i = 2;
    target += sin(a * n);
  }
  v[3, 2] = 2 * a;
  k = 1;
  target += sum(sin(v)) + size(v) * square(a) + w[1];
  while (i < 4) {
    vector[i] u = rep_vector(a, i);
    i += 1;
    target += log_sum_exp(u) * num_elements(u);
  }
}
