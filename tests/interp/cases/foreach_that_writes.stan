// foreach over what its body changes: an expression is evaluated before, elements of a variable in their turn
data {
  int<lower=0> N;
}
parameters {
  real a;
}
model {
  vector[3] v = [a, 2 * a, a * a]';
  matrix[2, 2] m = [[a, 2 * a], [a * a, 1]];
  array[2] vector[2] u = {[a, 1]', [2, a]'};
  for (x in v[1 : 2]) {
    v[2] = 7;
    target += cos(a * x);
  }
  for (x in v) {
    v[3] = 9;
    target += cos(a * x);
  }
  for (x in rep_array(v[1 : 2], 3)) {
    target += sum(sin(x));
    v /= 2;
  }
  for (x in m) {
    m[1, 1] = 7;
    m[2, 2] = a + 1;
    target += cos(a * x) + x;
  }
  for (x in u) {
    u[1][1] = 3;
    u[2] = [4, a * a]';
    target += sum(sin(x));
  }
  for (x in reverse(u)) {
    u[1] = -u[2];
    target += sum(sin(x));
  }
}
