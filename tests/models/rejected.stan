// Generated quantities that reject about half of the draws, some after a value was given.
parameters {
  real mu;
}
transformed parameters {
  real half = mu / 2;
}
model {
  mu ~ normal(0, 1);
}
generated quantities {
  real z = mu;
  array[2] int k = {1, 2};
  if (mu > 0)
    reject("mu is above ", 0);
}
