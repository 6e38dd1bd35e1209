// Outcomes of many kinds over the same rows, each as regression packages write it: under one condition, some
// vectorised, some in a loop with conditions on data, with functions of the program that return early.
functions {
  // the sum of the first steps of a simplex
  real steps(vector share, int level) {
    if (level == 0) return 0;
    return rows(share) * sum(share[1 : level]);
  }
  real ordinal_lpmf(int y, real mu, vector cut) {
    int K = num_elements(cut) + 1;
    vector[K] p;
    for (k in 1 : K) {
      if (k == 1) p[k] = inv_logit(cut[1] - mu);
      else if (k == K) p[k] = 1 - inv_logit(cut[K - 1] - mu);
      else p[k] = inv_logit(cut[k] - mu) - inv_logit(cut[k - 1] - mu);
    }
    return log(p[y]);
  }
  real hurdle_lpmf(int y, real eta, real h) {
    if (y == 0) {
      return bernoulli_lpmf(1 | h);
    } else {
      return bernoulli_lpmf(0 | h) + poisson_log_lpmf(y | eta) - log1m_exp(-exp(eta));
    }
  }
}
data {
  int<lower=1> N;
  int<lower=1> P;
  matrix[N, P] X;
  vector[N] y;
  array[N] int<lower=0> k;
  int<lower=1> G;
  array[N] int<lower=1, upper=G> g;
  int prior_only;
  int nlevels;
  array[nlevels] int levels;
  vector[levels[1]] prior_share; // a size that is an element of data
}
transformed data {
  vector[N] weight = 0.5 + square(y); // made of rows before the sizes of what follows are known
  int Q = P - 1;
  matrix[N, Q] Xc;
  vector[Q] means;
  array[N] int late; // censored
  array[N] int grade;
  for (i in 2 : P) {
    means[i - 1] = mean(X[ : , i]);
    Xc[ : , i - 1] = X[ : , i] - means[i - 1];
  }
  for (n in 1 : N) {
    late[n] = k[n] > 2;
    grade[n] = min(k[n], 3);
  }
}
parameters {
  vector[Q] b;
  real a;
  real<lower=0> sigma;
  ordered[3] cut;
  simplex[levels[1]] share;
  real<lower=0, upper=1> h;
  vector[Q] b_sigma;
}
transformed parameters {
  real lprior = 0;
  lprior += normal_lpdf(b | 0, 2);
  lprior += student_t_lpdf(sigma | 3, 0, 2.5) - 1 * student_t_lccdf(0 | 3, 0, 2.5);
  lprior += dirichlet_lpdf(share | prior_share);
}
model {
  if (!prior_only) {
    vector[N] mu = rep_vector(0.0, N);
    vector[N] disp = rep_vector(0.0, N);
    mu += a + Xc * b;
    disp += Xc * b_sigma;
    for (n in 1 : N) {
      mu[n] += 0.7 * steps(share, grade[n]);
    }
    disp = exp(disp);
    target += normal_lpdf(y | mu, disp * sigma);
    for (n in 1 : N) {
      target += weight[n] * student_t_lpdf(y[n] | 4, mu[n], sigma);
    }
    for (n in 1 : N) {
      if (late[n] == 0) target += weibull_lpdf(weight[n] | 1 + sigma, exp(0.1 * mu[n]));
      else if (late[n] == 1) target += weibull_lccdf(weight[n] | 1 + sigma, exp(0.1 * mu[n]));
      target += normal_lpdf(weight[n] | mu[n], sigma) - normal_lccdf(0.4 | mu[n], sigma);
    }
    for (n in 1 : N) {
      target += ordinal_lpmf(grade[n] + 1 | mu[n], cut);
      target += ordered_logistic_lpmf(grade[n] + 1 | disp[n], cut);
      target += hurdle_lpmf(k[n] | 0.5 * mu[n], h);
    }
    target += poisson_log_glm_lpmf(k | Xc, a, b);
    target += neg_binomial_2_log_lpmf(k | mu, disp);
  }
  target += lprior;
  target += std_normal_lpdf(cut) + std_normal_lpdf(b_sigma) + std_normal_lpdf(a);
}
generated quantities {
  real intercept = a - dot_product(means, b);
}
