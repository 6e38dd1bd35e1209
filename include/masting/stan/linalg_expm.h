/* masting/stan/linalg_expm.h -- part of linalg.h: exponentials and powers.
 * Included once for each type; see there. */

/* sum of coefficients c[0] I + c[1] A2 + c[2] A4 + c[3] A6 */
LA_INLINE void LA_F(la_even)(int n, const double *c, const LA_T *a2, const LA_T *a4, const LA_T *a6,
                             LA_T *sum) {
  for (int e = 0; e < n * n; e++) {
    sum[e] = c[1] * a2[e] + c[2] * a4[e] + c[3] * a6[e];
    if (e % (n + 1) == 0) sum[e] += c[0];
  }
}

/* Y = exp(a) where a's norm is at most 5.37: the [13/13] Pade approximant (Higham 2005, SIAM J.
 * Matrix Anal. Appl. 26, algorithm 2.3). */
LA_INLINE void LA_F(la_pade13)(masting_arena *arena, int n, const LA_T *a, LA_T *Y) {
  static const double u_high[] = {0, 40840800., 16380., 1.};
  static const double v_high[] = {0, 1323241920., 960960., 182.};
  static const double u_low[] = {32382376266240000., 1187353796428800., 10559470521600.,
                                 33522128640.};
  static const double v_low[] = {64764752532480000., 7771770303897600., 129060195264000.,
                                 670442572800.};
  LA_T *a2 = LA_F(la_take)(arena, n * n), *a4 = LA_F(la_take)(arena, n * n);
  LA_T *a6 = LA_F(la_take)(arena, n * n), *high = LA_F(la_take)(arena, n * n);
  LA_T *u = LA_F(la_take)(arena, n * n), *v = LA_F(la_take)(arena, n * n);
  LA_T *sum = LA_F(la_take)(arena, n * n);
  LA_F(matmul)(arena, n, n, n, a, a, a2);
  LA_F(matmul)(arena, n, n, n, a2, a2, a4);
  LA_F(matmul)(arena, n, n, n, a4, a2, a6);
  LA_F(la_even)(n, u_high, a2, a4, a6, high);
  LA_F(la_even)(n, u_low, a2, a4, a6, sum);
  LA_F(la_add_product)(n, n, n, 1, LA_F(la_rows)(a6, n), LA_F(la_rows)(high, n), sum);
  LA_F(matmul)(arena, n, n, n, a, sum, u);
  LA_F(la_even)(n, v_high, a2, a4, a6, high);
  LA_F(la_even)(n, v_low, a2, a4, a6, v);
  LA_F(la_add_product)(n, n, n, 1, LA_F(la_rows)(a6, n), LA_F(la_rows)(high, n), v);
  for (int e = 0; e < n * n; e++) {
    sum[e] = v[e] - u[e];
    v[e] += u[e];
  }
  LA_F(mdivide_left)(arena, n, n, sum, v, Y);
}

#define LA_MOST_SQUARINGS 64

/* The largest sum of absolute values of a column. */
LA_INLINE LA_T LA_F(la_norm1)(int n, const LA_T *A) {
  LA_T most = LA_F(la_all)(0.0);
  for (int j = 0; j < n; j++) {
    LA_T sum = LA_F(la_all)(0.0);
    for (int i = 0; i < n; i++) sum += LA_F(la_abs)(A[i * n + j]);
    most = LA_F(la_where)(LA_F(la_lt)(most, sum), sum, most);
  }
  return most;
}

/* Y[n][n] = exp(A), by scaling and squaring, each lane as often as it needs;
 * NaN beyond a norm of 2^66 */
LA_ROUTINE LA_F(matrix_exp)(masting_arena *arena, int n, const LA_T *A, LA_T *Y) {
  masting_arena_state mark = masting_arena_mark(arena);
  LA_T *a = LA_F(la_take)(arena, n * n), most = LA_F(la_all)(5.371920351148152);
  LA_T norm = LA_F(la_norm1)(n, A), scale = LA_F(la_all)(1.0), steps = LA_F(la_all)(0.0);
  LA_MASK large = LA_F(la_lt)(most, norm);
  int count = 0;
  for (; count < LA_MOST_SQUARINGS && LA_F(la_any)(large); count++) {
    steps = LA_F(la_where)(large, steps + 1.0, steps);
    scale = LA_F(la_where)(large, 0.5 * scale, scale);
    norm = LA_F(la_where)(large, 0.5 * norm, norm);
    large = LA_F(la_lt)(most, norm);
  }
  for (int e = 0; e < n * n; e++) a[e] = scale * A[e];
  LA_F(la_pade13)(arena, n, a, Y);
  for (int step = 0; step < count; step++) {
    LA_MASK more = LA_F(la_lt)(LA_F(la_all)(step), steps);
    LA_F(matmul)(arena, n, n, n, Y, Y, a);
    for (int e = 0; e < n * n; e++) Y[e] = LA_F(la_where)(more, a[e], Y[e]);
  }
  LA_F(la_poison)(n * n, LA_F(la_where)(large, LA_F(la_all)(LA_NAN), LA_F(la_all)(0.0)), Y);
  masting_arena_release(arena, mark);
}

/* Y[n][n] = A^power; NaN for a negative power */
LA_ROUTINE LA_F(matrix_power)(masting_arena *arena, int n, int power, const LA_T *A, LA_T *Y) {
  masting_arena_state mark = masting_arena_mark(arena);
  LA_T *base = LA_F(la_take)(arena, n * n), *product = LA_F(la_take)(arena, n * n);
  LA_F(la_unit)(n, Y);
  if (power < 0) LA_F(la_poison)(n * n, LA_F(la_all)(LA_NAN), Y);
  LA_F(la_copy)(n * n, A, base);
  for (int left = power; left > 0; left /= 2) {
    if (left % 2) {
      LA_F(matmul)(arena, n, n, n, Y, base, product);
      LA_F(la_copy)(n * n, product, Y);
    }
    if (left == 1) break;
    LA_F(matmul)(arena, n, n, n, base, base, product);
    LA_F(la_copy)(n * n, product, base);
  }
  masting_arena_release(arena, mark);
}

#undef LA_MOST_SQUARINGS
