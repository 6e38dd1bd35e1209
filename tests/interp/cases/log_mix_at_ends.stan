// weights of exactly 0 and 1: slopes were 0 times infinity
data {
  int<lower=0> N;
  vector[N] y;
}
parameters {
  real a;
  vector[2] b;
}
model {
  vector[3] lp = [b[1], a, b[2]]';
  array[2] vector[2] l;
  for (k in 1 : 2) {
    l[k] = b + k;
  }
  target += log_mix(inv_logit(20000 * (a + 3)), b[1], b[2]);
  target += log_mix(inv_logit(20000 * (a - 3)), b[1], b[2]);
  target += log_mix(inv_logit(b[1]), a, b[2]);
  target += log_mix(softmax([a, 30000, b[1]]'), lp);
  target += log_mix(softmax([a, b[2], 0.3]'), lp);
  target += log_mix(softmax(b), l);
  for (n in 1 : N) {
    target += log_mix(inv_logit(b[2]), normal_lpdf(y[n] | a, 1), normal_lpdf(y[n] | b[1], 2));
  }
}
