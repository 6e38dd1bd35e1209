// First passage of a Wiener process through the upper of two limits, alpha apart, from beta alpha, with drift delta,
// after a time tau; of a sixth argument, a normal drift of that standard deviation. By the series that ends soon: Navarro and Fuss 2009, "Fast and accurate calculations for
// first-passage times in Wiener diffusion models", equations 5 and 6; u is the time over alpha^2. Where both
// are evaluated, the one not used sees a time at which it is safe.

real wiener_lpdf(real y, real alpha, real tau, real beta, real delta) {
  return wiener_lpdf(y | alpha, tau, beta, delta, 0.0);
}
real wiener_lpdf(real y, real alpha, real tau, real beta, real delta, real sd_delta) {
  real t = y > tau ? y - tau : 1;
  real w = 1 - beta;
  real u = t / square(alpha);
  real v = 1 + square(sd_delta) * t;
  real drift = square(sd_delta * alpha * w) + 2 * delta * alpha * w - square(delta) * t;
  return valid(y > tau) + valid(alpha > 0) + valid(tau > 0) + valid(beta > 0) + valid(beta < 1)
         + valid(sd_delta >= 0) + log_first_passage__(u, w) - 2 * log(alpha) + 0.5 * drift / v
         - 0.5 * log(v);
}
// the precision of an adaptive method: there is none here
real wiener_lpdf(real y, real alpha, real tau, real beta, real delta, real sd_delta, real precision) {
  return wiener_lpdf(y | alpha, tau, beta, delta, sd_delta);
}
// without drift, through the limit w away of two that are 1 apart
real log_first_passage__(real u, real w) {
  real brief = u < 0.3 ? u : 0.3;
  real s = w;
  for (k in 1 : 3) {
    s += (w + 2 * k) * exp(-2 * k * (k + w) / brief) + (w - 2 * k) * exp(-2 * k * (k - w) / brief);
  }
  real early = log(s) - 1.5 * log(brief) - 0.5 * square(w) / brief - 0.91893853320467274178;
  real long = u < 0.3 ? 0.3 : u;
  real r = 0;
  for (k in 1 : 6) {
    r += k * exp(-4.93480220054467930942 * (square(k) - 1) * long)
         * sin(3.14159265358979323846 * k * w);
  }
  real late = log(r) + 1.14472988584940017414 - 4.93480220054467930942 * long;
  return u < 0.3 ? early : late;
}
