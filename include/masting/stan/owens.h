/* masting/stan/owens.h -- Owen's T function, on doubles. Included by special.h alone.
 */
#ifndef MASTING_STAN_OWENS_H
#define MASTING_STAN_OWENS_H

/* Gauss-Legendre quadrature with 32 nodes: the positive ones and their weights. */
static const double masting_gauss_node_[16] = {
    0.99726386184948156, 0.98561151154526834, 0.96476225558750643, 0.93490607593773969,
    0.89632115576605212, 0.84936761373256997, 0.79448379596794241, 0.73218211874028968,
    0.6630442669302152,  0.58771575724076233, 0.50689990893222939, 0.42135127613063535,
    0.33186860228212765, 0.23928736225213707, 0.14447196158279649, 0.048307665687738316};
static const double masting_gauss_weight_[16] = {
    0.0070186100094700966, 0.016274394730905671, 0.025392065309262059, 0.034273862913021433,
    0.042835898022226681,  0.050998059262376176, 0.058684093478535547, 0.065822222776361847,
    0.072345794108848506,  0.078193895787070306, 0.083311924226946755, 0.087652093004403811,
    0.091173878695763885,  0.093844399080804566, 0.095638720079274859, 0.096540088514727801};

/* Integral of e^(-h^2 (1 + x^2)/2) / (1 + x^2) over [0, a] / (2 pi), h >= 0, 0 <= a <= 1: Owen
 * (1956, Ann. Math. Statist. 27, eq. 1.5) by Gauss-Legendre quadrature with 32 nodes, up to where
 * the integrand is 1e-18 of its peak. */
static inline double d_owens_t_inner_(double h, double a) {
  double end = a * h > 9.1 ? 9.1 / h : a, sum = 0;
  for (int i = 0; i < 16; i++)
    for (int side = -1; side <= 1; side += 2) {
      double x = 0.5 * end * (1.0 + side * masting_gauss_node_[i]);
      sum += masting_gauss_weight_[i] * d_exp(-0.5 * (h * x) * (h * x)) / (1.0 + x * x);
    }
  return 0.5 * end * sum * d_bell_(h) * 0.15915494309189533577;
}

/* T(h, a): 1e-14 relative. |a| > 1 by T(h, a) + T(ah, 1/a) = (Q(h) + Q(ah))/2 - Q(h) Q(ah), Q = 1
 * - Phi (Owen 1956, eq. 2.3, for the upper tails). dT/da = e^(-h^2 (1 + a^2)/2) / (2 pi (1 +
 * a^2)), dT/dh = -phi(h) (Phi(ah) - 1/2). */
MASTING_FAR_ double d_owens_t(double h, double a) {
  double size = d_abs(a), value;
  h = d_abs(h);
  if (h != h || a != a) return NAN;
  if (h == INFINITY) return 0;
  if (size <= 1) {
    value = d_owens_t_inner_(h, size);
  } else if (size == INFINITY || h * size > 40) {
    value = 0.5 * d_Phi(-h);
  } else {
    double near = d_Phi(-h), far = d_Phi(-h * size);
    value = 0.5 * (near + far) - near * far - d_owens_t_inner_(h * size, 1.0 / size);
  }
  return a < 0 ? -value : value;
}

#endif
