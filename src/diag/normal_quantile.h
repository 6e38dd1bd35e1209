/* diag/normal_quantile.h -- inverse of the standard normal distribution function.
 *
 * Wichura 1988, "Algorithm AS 241: The percentage points of the normal distribution", Applied
 * Statistics 37(3), 477-484: routine PPND16, relative accuracy about 1e-16. Not collective.
 */
#ifndef MST_DIAG_NORMAL_QUANTILE_H
#define MST_DIAG_NORMAL_QUANTILE_H

/* z with P(Z <= z) = p. p in (0,1); -inf at 0, inf at 1, NaN outside. */
double mst_normal_quantile(double p);

#endif
