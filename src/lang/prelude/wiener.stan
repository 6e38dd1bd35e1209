// First passage of a Wiener process through the upper of two limits, alpha apart, from beta alpha, with drift delta,
// after a time tau; of a sixth argument, a normal drift of that standard deviation. By the series that ends soon: Navarro and
// Fuss 2009, "Fast and accurate calculations for first-passage times in Wiener diffusion models", equations 5 and 6; u is the
// time over alpha^2. Where both are evaluated, the one not used sees a time at which it is safe.

real wiener_lpdf(real y, real alpha, real tau, real beta, real delta) {
  return wiener_lpdf(y | alpha, tau, beta, delta, 0.0);
}
real wiener_lpdf(real y, real alpha, real tau, real beta, real delta, real sd_delta) {
  return valid(y > tau) + valid(alpha > 0) + valid(tau > 0) + valid(beta > 0) + valid(beta < 1)
         + valid(sd_delta >= 0) + wiener_at__(y > tau ? y - tau : 1, alpha, beta, delta, sd_delta);
}
// the precision of an adaptive method: there is none here
real wiener_lpdf(real y, real alpha, real tau, real beta, real delta, real sd_delta, real precision) {
  return wiener_lpdf(y | alpha, tau, beta, delta, sd_delta);
}
// Of a seventh and eighth argument: beta is uniform over that range about beta, tau over that range from tau on.
real wiener_lpdf(real y, real alpha, real tau, real beta, real delta, real sd_delta, real range_beta, real range_tau) {
  real last = y > tau ? y - tau : 1;
  real first = fmax(last - range_tau, 0);
  real inside = valid(y > tau) + valid(alpha > 0) + valid(tau >= 0) + valid(beta > 0.5 * range_beta)
                + valid(beta + 0.5 * range_beta < 1) + valid(sd_delta >= 0) + valid(range_beta >= 0)
                + valid(range_tau >= 0);
  return inside
         + (range_tau == 0
              ? (range_beta == 0
                   ? wiener_at__(last, alpha, beta, delta, sd_delta)
                   : wiener_mean__(last, last, alpha, beta, delta, sd_delta, range_beta, 24, 1))
              : log((last - first) / (range_tau == 0 ? 1 : range_tau))
                + (range_beta == 0
                     ? wiener_mean__(first, last, alpha, beta, delta, sd_delta, 0.0, 1, 48)
                     : wiener_mean__(first, last, alpha, beta, delta, sd_delta, range_beta, 24, 48)));
}
// the precision of an adaptive method: there is none here
real wiener_lpdf(real y, real alpha, real tau, real beta, real delta, real sd_delta, real range_beta, real range_tau,
                 real precision) {
  return wiener_lpdf(y | alpha, tau, beta, delta, sd_delta, range_beta, range_tau);
}
// The logarithm of the density's mean over a range of beta and times from first to last: Gauss-Legendre rules of 24 (or 1)
// and 48 (or 1) points; times are first + (last - first) z^4, as the density is very steep where time begins. What is summed
// is taken relative to the greatest of the times.
real wiener_mean__(real first, real last, real alpha, real beta, real delta, real sd_delta, real range, int n_beta, int n_time) {
  array[24] real time_at = {0.032380170962869362, 0.097004699209462699, 0.16122235606889172,
    0.22476379039468906, 0.28736248735545558, 0.34875588629216074, 0.40868648199071673,
    0.4669029047509584, 0.52316097472223303, 0.5772247260839727, 0.62886739677651362,
    0.67787237963266391, 0.72403413092381465, 0.76715903251574034, 0.80706620402944263,
    0.84358826162439353, 0.87657202027424789, 0.90587913671556967, 0.93138669070655433,
    0.95298770316043086, 0.97059159254624725, 0.98412458372282686, 0.99353017226635076,
    0.99877100725242612};
  array[24] real time_weight = {0.064737696812683923, 0.064466164435950082,
    0.063924238584648187, 0.063114192286254026, 0.062039423159892664, 0.06070443916589388,
    0.059114839698395636, 0.057277292100403216, 0.055199503699984163, 0.052890189485193667,
    0.050359035553854475, 0.047616658492490475, 0.04467456085669428, 0.041545082943464749,
    0.038241351065830706, 0.034777222564770439, 0.031167227832798089, 0.027426509708356948,
    0.023570760839324379, 0.019616160457355528, 0.015579315722943849, 0.011477234579234539,
    0.0073275539012762621, 0.0031533460523058386};
  array[12] real beta_at = {0.064056892862605626, 0.19111886747361631, 0.31504267969616337,
    0.43379350762604514, 0.54542147138883954, 0.64809365193697557, 0.74012419157855436,
    0.82000198597390292, 0.88641552700440103, 0.93827455200273276, 0.9747285559713095,
    0.99518721999702136};
  array[12] real beta_weight = {0.12793819534675216, 0.1258374563468283, 0.12167047292780339,
    0.1155056680537256, 0.10744427011596563, 0.097618652104113888, 0.086190161531953276,
    0.073346481411080306, 0.059298584915436781, 0.044277438817419806, 0.028531388628933663,
    0.0123412297999872};
  real most = negative_infinity();
  real s = 0;
  for (i in 1 : n_time) {
    real z = n_time == 1 ? 1 : i <= 24 ? 0.5 - 0.5 * time_at[i] : 0.5 + 0.5 * time_at[i - 24];
    real t = first + (last - first) * square(square(z));
    most = fmax(most, wiener_at__(t, alpha, beta + 0.45 * range, delta, sd_delta));
  }
  for (i in 1 : n_time) {
    real z = n_time == 1 ? 1 : i <= 24 ? 0.5 - 0.5 * time_at[i] : 0.5 + 0.5 * time_at[i - 24];
    real weight = n_time == 1 ? 1 : 2 * z * square(z) * time_weight[i <= 24 ? i : i - 24];
    real t = first + (last - first) * square(square(z));
    real mean = 0;
    for (j in 1 : n_beta) {
      real x = n_beta == 1 ? 0 : j <= 12 ? -0.5 * beta_at[j] : 0.5 * beta_at[j - 12];
      real part = n_beta == 1 ? 1 : 0.5 * beta_weight[j <= 12 ? j : j - 12];
      mean += part * exp(wiener_at__(t, alpha, beta + range * x, delta, sd_delta) - most);
    }
    s += weight * mean;
  }
  return most + log(s);
}
// at a time t after tau
real wiener_at__(real t, real alpha, real beta, real delta, real sd_delta) {
  real w = 1 - beta;
  real v = 1 + square(sd_delta) * t;
  real drift = square(sd_delta * alpha * w) + 2 * delta * alpha * w - square(delta) * t;
  return log_first_passage__(t / square(alpha), w) - 2 * log(alpha) + 0.5 * drift / v - 0.5 * log(v);
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
