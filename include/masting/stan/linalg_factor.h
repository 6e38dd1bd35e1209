/* masting/stan/linalg_factor.h -- part of linalg.h: Cholesky and LU factors, and what follows from
 * them. Included once for each type; see there. */

/* L[n][n], L L' = A; zero above the diagonal. NaN on and below it when A is not positive
 * definite. */
LA_ROUTINE LA_F(cholesky_decompose)(masting_arena *arena, int n, const LA_T *A, LA_T *L) {
  masting_arena_state mark = masting_arena_mark(arena);
  LA_T *column = LA_F(la_take)(arena, n), bad = LA_F(la_all)(0.0);
  LA_F(la_lower)(n, n, A, L);
  for (int k = 0; k < n; k++) {
    LA_T square = L[k * n + k];
    LA_MASK positive = LA_F(la_lt)(LA_F(la_all)(0.0), square);
    LA_T pivot = LA_F(la_sqrt)(LA_F(la_where)(positive, square, LA_F(la_all)(LA_NAN)));
    bad += pivot - pivot;
    L[k * n + k] = pivot;
    for (int i = k + 1; i < n; i++) column[i] = L[i * n + k] = L[i * n + k] / pivot;
    for (int i = k + 1; i < n; i++)
      for (int j = k + 1; j <= i; j++) L[i * n + j] -= column[i] * column[j];
  }
  for (int i = 0; i < n; i++) LA_F(la_poison)(i + 1, bad, L + i * n);
  masting_arena_release(arena, mark);
}

/* Exchanges rows k and p of a[n][m], p another one in each lane. */
LA_INLINE void LA_F(la_exchange)(int n, int m, int k, LA_T p, LA_T *a) {
  for (int i = k + 1; i < n; i++) {
    LA_MASK here = LA_F(la_eq)(p, LA_F(la_all)(i));
    if (!LA_F(la_any)(here)) continue;
    for (int j = 0; j < m; j++) {
      LA_T up = a[i * m + j], down = a[k * m + j];
      a[k * m + j] = LA_F(la_where)(here, up, down);
      a[i * m + j] = LA_F(la_where)(here, down, up);
    }
  }
}

/* In place: the factors of A with rows exchanged, unit lower below the diagonal, upper on and above
 * it. Step k exchanged row k with row swap[k], a whole number; each lane pivots by its own largest
 * element. */
LA_ROUTINE LA_F(la_lu)(int n, LA_T *a, LA_T *swap) {
  for (int k = 0; k < n; k++) {
    LA_T most = LA_F(la_abs)(a[k * n + k]), p = LA_F(la_all)(k);
    for (int i = k + 1; i < n; i++) {
      LA_T size = LA_F(la_abs)(a[i * n + k]);
      LA_MASK larger = LA_F(la_lt)(most, size);
      most = LA_F(la_where)(larger, size, most);
      p = LA_F(la_where)(larger, LA_F(la_all)(i), p);
    }
    swap[k] = p;
    LA_F(la_exchange)(n, n, k, p, a);
    for (int i = k + 1; i < n; i++) {
      LA_T factor = a[i * n + k] / a[k * n + k];
      a[i * n + k] = factor;
      for (int j = k + 1; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
    }
  }
}

/* X[n][m] = A^-1 X in place, from A's factors */
LA_ROUTINE LA_F(la_lu_solve)(int n, int m, const LA_T *lu, const LA_T *swap, LA_T *X) {
  for (int k = 0; k < n; k++) LA_F(la_exchange)(n, m, k, swap[k], X);
  for (int k = 0; k < n; k++)
    for (int i = k + 1; i < n; i++)
      for (int r = 0; r < m; r++) X[i * m + r] -= lu[i * n + k] * X[k * m + r];
  for (int k = n - 1; k >= 0; k--) {
    for (int r = 0; r < m; r++) X[k * m + r] = X[k * m + r] / lu[k * n + k];
    for (int i = 0; i < k; i++)
      for (int r = 0; r < m; r++) X[i * m + r] -= lu[i * n + k] * X[k * m + r];
  }
}

/* X[n][m] = A^-T X in place, from A's factors */
LA_ROUTINE LA_F(la_lu_solve_t)(int n, int m, const LA_T *lu, const LA_T *swap, LA_T *X) {
  for (int k = 0; k < n; k++) {
    for (int r = 0; r < m; r++) X[k * m + r] = X[k * m + r] / lu[k * n + k];
    for (int i = k + 1; i < n; i++)
      for (int r = 0; r < m; r++) X[i * m + r] -= lu[k * n + i] * X[k * m + r];
  }
  for (int k = n - 1; k >= 0; k--)
    for (int i = 0; i < k; i++)
      for (int r = 0; r < m; r++) X[i * m + r] -= lu[k * n + i] * X[k * m + r];
  for (int k = n - 1; k >= 0; k--) LA_F(la_exchange)(n, m, k, swap[k], X);
}

/* A's factors in the arena. */
LA_INLINE void LA_F(la_lu_of)(masting_arena *arena, int n, const LA_T *A, LA_T **lu, LA_T **swap) {
  *lu = LA_F(la_take)(arena, n * n);
  *swap = LA_F(la_take)(arena, n);
  LA_F(la_copy)(n * n, A, *lu);
  LA_F(la_lu)(n, *lu, *swap);
}

/* X[n][m] = A^-1 B */
LA_ROUTINE LA_F(mdivide_left)(masting_arena *arena, int n, int m, const LA_T *A, const LA_T *B,
                              LA_T *X) {
  masting_arena_state mark = masting_arena_mark(arena);
  LA_T *lu, *swap;
  LA_F(la_lu_of)(arena, n, A, &lu, &swap);
  LA_F(la_copy)(n * m, B, X);
  LA_F(la_lu_solve)(n, m, lu, swap, X);
  LA_F(la_poison)(n * m, LA_F(la_zero_pivot)(n, lu), X);
  masting_arena_release(arena, mark);
}

/* X[m][n] = B A^-1, B[m][n] */
LA_ROUTINE LA_F(mdivide_right)(masting_arena *arena, int n, int m, const LA_T *B, const LA_T *A,
                               LA_T *X) {
  masting_arena_state mark = masting_arena_mark(arena);
  LA_T *lu, *swap, *xt = LA_F(la_take)(arena, n * m);
  LA_F(la_lu_of)(arena, n, A, &lu, &swap);
  LA_F(la_transpose)(m, n, B, xt);
  LA_F(la_lu_solve_t)(n, m, lu, swap, xt);
  LA_F(la_transpose)(n, m, xt, X);
  LA_F(la_poison)(n * m, LA_F(la_zero_pivot)(n, lu), X);
  masting_arena_release(arena, mark);
}

/* A's Cholesky factor in the arena. */
LA_INLINE LA_T *LA_F(la_chol_of)(masting_arena *arena, int n, const LA_T *A) {
  LA_T *L = LA_F(la_take)(arena, n * n);
  LA_F(cholesky_decompose)(arena, n, A, L);
  return L;
}

/* X[n][m] = A^-1 B, A positive definite */
LA_ROUTINE LA_F(mdivide_left_spd)(masting_arena *arena, int n, int m, const LA_T *A, const LA_T *B,
                                  LA_T *X) {
  masting_arena_state mark = masting_arena_mark(arena);
  const LA_T *L = LA_F(la_chol_of)(arena, n, A);
  LA_F(la_copy)(n * m, B, X);
  LA_F(la_solve_low)(n, m, L, X);
  LA_F(la_solve_low_t)(n, m, L, X);
  masting_arena_release(arena, mark);
}

/* X[m][n] = B A^-1, A positive definite, B[m][n] */
LA_ROUTINE LA_F(mdivide_right_spd)(masting_arena *arena, int n, int m, const LA_T *B, const LA_T *A,
                                   LA_T *X) {
  masting_arena_state mark = masting_arena_mark(arena);
  const LA_T *L = LA_F(la_chol_of)(arena, n, A);
  LA_F(la_copy)(m * n, B, X);
  LA_F(la_solve_low_right_t)(n, m, L, X);
  LA_F(la_solve_low_right)(n, m, L, X);
  masting_arena_release(arena, mark);
}

/* I[n][n] = the unit matrix */
LA_INLINE void LA_F(la_unit)(int n, LA_T *I) {
  LA_F(la_zero)(n * n, I);
  for (int i = 0; i < n; i++) I[i * n + i] = LA_F(la_all)(1.0);
}

/* X[n][n] = A^-1 */
LA_ROUTINE LA_F(inverse)(masting_arena *arena, int n, const LA_T *A, LA_T *X) {
  masting_arena_state mark = masting_arena_mark(arena);
  LA_T *lu, *swap;
  LA_F(la_lu_of)(arena, n, A, &lu, &swap);
  LA_F(la_unit)(n, X);
  LA_F(la_lu_solve)(n, n, lu, swap, X);
  LA_F(la_poison)(n * n, LA_F(la_zero_pivot)(n, lu), X);
  masting_arena_release(arena, mark);
}

/* X[n][n] = A^-1, A positive definite; X is exactly symmetric */
LA_ROUTINE LA_F(inverse_spd)(masting_arena *arena, int n, const LA_T *A, LA_T *X) {
  masting_arena_state mark = masting_arena_mark(arena);
  const LA_T *L = LA_F(la_chol_of)(arena, n, A);
  LA_T *inv = LA_F(la_take)(arena, n * n);
  LA_F(la_unit)(n, inv);
  LA_F(la_solve_low)(n, n, L, inv);
  LA_F(crossprod)(arena, n, n, inv, X);
  masting_arena_release(arena, mark);
}

/* y[1] = log |det A|; -infinity when A is singular */
LA_ROUTINE LA_F(log_determinant)(masting_arena *arena, int n, const LA_T *A, LA_T *y) {
  masting_arena_state mark = masting_arena_mark(arena);
  LA_T *lu, *swap, sum = LA_F(la_all)(0.0);
  LA_F(la_lu_of)(arena, n, A, &lu, &swap);
  for (int i = 0; i < n; i++) sum += LA_F(la_log)(LA_F(la_abs)(lu[i * n + i]));
  *y = sum;
  masting_arena_release(arena, mark);
}

/* y[1] = log det A, A positive definite */
LA_ROUTINE LA_F(log_determinant_spd)(masting_arena *arena, int n, const LA_T *A, LA_T *y) {
  masting_arena_state mark = masting_arena_mark(arena);
  const LA_T *L = LA_F(la_chol_of)(arena, n, A);
  LA_T sum = LA_F(la_all)(0.0);
  for (int i = 0; i < n; i++) sum += LA_F(la_log)(L[i * n + i]);
  *y = 2.0 * sum;
  masting_arena_release(arena, mark);
}

/* y[1] = det A */
LA_ROUTINE LA_F(determinant)(masting_arena *arena, int n, const LA_T *A, LA_T *y) {
  masting_arena_state mark = masting_arena_mark(arena);
  LA_T *lu, *swap, product = LA_F(la_all)(1.0);
  LA_F(la_lu_of)(arena, n, A, &lu, &swap);
  for (int i = 0; i < n; i++) {
    LA_MASK stayed = LA_F(la_eq)(swap[i], LA_F(la_all)(i));
    product = product * LA_F(la_where)(stayed, lu[i * n + i], -lu[i * n + i]);
  }
  *y = product;
  masting_arena_release(arena, mark);
}
