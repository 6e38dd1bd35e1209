/* masting/stan/linalg_vector.h -- part of linalg.h: vectors.
 * Included once for each type; see there. */

/* Y[i] = A[0] + .. + A[i] */
LA_ROUTINE LA_F(cumulative_sum)(masting_arena *arena, int n, const LA_T *A, LA_T *Y) {
  (void)arena;
  LA_T sum = LA_F(la_all)(0.0);
  for (int i = 0; i < n; i++) Y[i] = sum = sum + A[i];
}

/* The largest element, -infinity without any. A NaN is larger than all. */
LA_INLINE LA_T LA_F(la_largest)(int n, const LA_T *A) {
  LA_T most = LA_F(la_all)(-INFINITY);
  for (int i = 0; i < n; i++) {
    LA_MASK smaller = LA_F(la_lt)(A[i], most), same = LA_F(la_eq)(A[i], most);
    LA_T other = LA_F(la_where)(LA_F(la_eq)(most, most), A[i], most);
    most = LA_F(la_where)(smaller | same, most, other);
  }
  return most;
}

/* x where it is finite or NaN, 0 where it is infinite. */
LA_INLINE LA_T LA_F(la_no_infinity)(LA_T x) {
  LA_MASK infinite = LA_F(la_eq)(LA_F(la_abs)(x), LA_F(la_all)(INFINITY));
  return LA_F(la_where)(infinite, LA_F(la_all)(0.0), x);
}

/* y[1] = log sum of exp A[i]; -infinity for n = 0 */
LA_ROUTINE LA_F(log_sum_exp)(masting_arena *arena, int n, const LA_T *A, LA_T *y) {
  (void)arena;
  LA_T most = LA_F(la_largest)(n, A), shift = LA_F(la_no_infinity)(most);
  LA_T sum = LA_F(la_all)(0.0);
  for (int i = 0; i < n; i++) sum += LA_F(la_exp)(A[i] - shift);
  *y = shift + LA_F(la_log)(sum);
}

/* Y[i] = exp A[i] / sum of exp A */
LA_ROUTINE LA_F(softmax)(masting_arena *arena, int n, const LA_T *A, LA_T *Y) {
  (void)arena;
  LA_T most = LA_F(la_largest)(n, A), sum = LA_F(la_all)(0.0);
  for (int i = 0; i < n; i++) sum += Y[i] = LA_F(la_exp)(A[i] - most);
  for (int i = 0; i < n; i++) Y[i] = Y[i] / sum;
}

/* Y[i] = A[i] - log_sum_exp(A) */
LA_ROUTINE LA_F(log_softmax)(masting_arena *arena, int n, const LA_T *A, LA_T *Y) {
  LA_T total;
  LA_F(log_sum_exp)(arena, n, A, &total);
  for (int i = 0; i < n; i++) Y[i] = A[i] - total;
}

/* y[1] = square root of the sum of squares */
LA_ROUTINE LA_F(norm2)(masting_arena *arena, int n, const LA_T *A, LA_T *y) {
  (void)arena;
  LA_T sum = LA_F(la_all)(0.0);
  for (int i = 0; i < n; i++) sum += A[i] * A[i];
  *y = LA_F(la_sqrt)(sum);
}
