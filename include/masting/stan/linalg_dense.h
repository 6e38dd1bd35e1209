/* masting/stan/linalg_dense.h -- part of linalg.h: products, and solves with a triangle.
 * Included once for each type; see there. */

LA_INLINE LA_T *LA_F(la_take)(masting_arena *arena, int count) {
  return masting_arena_take(arena, (size_t)count * sizeof(LA_T));
}

LA_INLINE void LA_F(la_zero)(int count, LA_T *x) {
  for (int i = 0; i < count; i++) x[i] = LA_F(la_all)(0.0);
}

LA_INLINE void LA_F(la_copy)(int count, const LA_T *from, LA_T *to) {
  for (int i = 0; i < count; i++) to[i] = from[i];
}

LA_INLINE void LA_F(la_add)(int count, const LA_T *from, LA_T *to) {
  for (int i = 0; i < count; i++) to[i] += from[i];
}

/* to[c][r] = from[r][c] */
LA_INLINE void LA_F(la_transpose)(int rows, int cols, const LA_T *from, LA_T *to) {
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < cols; c++) to[c * rows + r] = from[r * cols + c];
}

/* A matrix in memory: element (i, j) is at[i * row + j * col]. */
typedef struct LA_F(la_view) {
  const LA_T *at;
  int row, col;
} LA_F(la_view);

LA_INLINE LA_F(la_view) LA_F(la_rows)(const LA_T *a, int cols) {
  return (LA_F(la_view)){a, cols, 1};
}

/* The transpose of a row-major array with `cols` columns. */
LA_INLINE LA_F(la_view) LA_F(la_turned)(const LA_T *a, int cols) {
  return (LA_F(la_view)){a, 1, cols};
}

/* h x w elements of C from (i, j) on: += sign * sum over p < k. Sums run abreast in registers. */
__attribute__((always_inline)) static inline void LA_F(la_tile)(int h, int w, int i, int j, int k,
                                                                double sign, LA_F(la_view) a,
                                                                LA_F(la_view) b, LA_T *c, int c_row,
                                                                int c_col) {
  LA_T sum[2][4];
  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++) sum[y][x] = LA_F(la_all)(0.0);
  const LA_T *ap = a.at + i * a.row, *bp = b.at + j * b.col;
  for (int p = 0; p < k; p++, ap += a.col, bp += b.row)
    for (int y = 0; y < h; y++)
      for (int x = 0; x < w; x++) sum[y][x] += ap[y * a.row] * bp[x * b.col];
  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++) c[(i + y) * c_row + (j + x) * c_col] += sign * sum[y][x];
}

LA_INLINE void LA_F(la_product)(int n, int k, int m, double sign, LA_F(la_view) a, LA_F(la_view) b,
                                LA_T *c, int c_row, int c_col) {
  for (int i = 0, h; i < n; i += h) {
    h = n - i < 2 ? 1 : 2;
    int j = 0;
    for (; m - j >= 4; j += 4)
      if (h == 2)
        LA_F(la_tile)(2, 4, i, j, k, sign, a, b, c, c_row, c_col);
      else
        LA_F(la_tile)(1, 4, i, j, k, sign, a, b, c, c_row, c_col);
    for (; j < m; j++)
      if (h == 2)
        LA_F(la_tile)(2, 1, i, j, k, sign, a, b, c, c_row, c_col);
      else
        LA_F(la_tile)(1, 1, i, j, k, sign, a, b, c, c_row, c_col);
  }
}

/* C[n][m] += sign * A B, A n x k and B k x m in any layout; each element one sum, k ascending. */
LA_ROUTINE LA_F(la_add_product)(int n, int k, int m, double sign, LA_F(la_view) a, LA_F(la_view) b,
                                LA_T *c) {
  if (m < 4 && n > m) { /* narrow: as C' = B' A' there is more to do side by side */
    LA_F(la_view) bt = {b.at, b.col, b.row}, at = {a.at, a.col, a.row};
    LA_F(la_product)(m, k, n, sign, bt, at, c, 1, m);
  } else {
    LA_F(la_product)(n, k, m, sign, a, b, c, m, 1);
  }
}

/* C[n][m] = A[n][k] B[k][m] */
LA_ROUTINE LA_F(matmul)(masting_arena *arena, int n, int k, int m, const LA_T *A, const LA_T *B,
                        LA_T *C) {
  (void)arena;
  LA_F(la_zero)(n * m, C);
  LA_F(la_add_product)(n, k, m, 1, LA_F(la_rows)(A, k), LA_F(la_rows)(B, m), C);
}

/* C[m][m] = A' A, A[n][m] */
LA_ROUTINE LA_F(crossprod)(masting_arena *arena, int n, int m, const LA_T *A, LA_T *C) {
  (void)arena;
  LA_F(la_zero)(m * m, C);
  LA_F(la_add_product)(m, n, m, 1, LA_F(la_turned)(A, m), LA_F(la_rows)(A, m), C);
}

/* C[n][n] = A A', A[n][m] */
LA_ROUTINE LA_F(tcrossprod)(masting_arena *arena, int n, int m, const LA_T *A, LA_T *C) {
  (void)arena;
  LA_F(la_zero)(n * n, C);
  LA_F(la_add_product)(n, m, n, 1, LA_F(la_rows)(A, m), LA_F(la_turned)(A, m), C);
}

/* to = the lower triangle of from[n][m], zero above it */
LA_INLINE void LA_F(la_lower)(int n, int m, const LA_T *from, LA_T *to) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < m; j++) to[i * m + j] = j <= i ? from[i * m + j] : LA_F(la_all)(0.0);
}

/* C[n][n] = T T', T the lower triangle of L[n][m] */
LA_ROUTINE LA_F(multiply_lower_tri_self_transpose)(masting_arena *arena, int n, int m,
                                                   const LA_T *L, LA_T *C) {
  masting_arena_state mark = masting_arena_mark(arena);
  LA_T *low = LA_F(la_take)(arena, n * m);
  LA_F(la_lower)(n, m, L, low);
  LA_F(tcrossprod)(arena, n, m, low, C);
  masting_arena_release(arena, mark);
}

/* C[m][m] = B' A B, A[n][n], B[n][m] */
LA_ROUTINE LA_F(quad_form)(masting_arena *arena, int n, int m, const LA_T *A, const LA_T *B,
                           LA_T *C) {
  masting_arena_state mark = masting_arena_mark(arena);
  LA_T *ab = LA_F(la_take)(arena, n * m);
  LA_F(matmul)(arena, n, n, m, A, B, ab);
  LA_F(la_zero)(m * m, C);
  LA_F(la_add_product)(m, n, m, 1, LA_F(la_turned)(B, m), LA_F(la_rows)(ab, m), C);
  masting_arena_release(arena, mark);
}

/* The mean of A[n][n] and its transpose, in place. */
LA_INLINE void LA_F(la_symmetrize)(int n, LA_T *A) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++) A[i * n + j] = A[j * n + i] = 0.5 * (A[i * n + j] + A[j * n + i]);
}

/* As quad_form, for a symmetric A; C is exactly symmetric. */
LA_ROUTINE LA_F(quad_form_sym)(masting_arena *arena, int n, int m, const LA_T *A, const LA_T *B,
                               LA_T *C) {
  LA_F(quad_form)(arena, n, m, A, B, C);
  LA_F(la_symmetrize)(m, C);
}

/* X[n][m] = L^-1 X in place */
LA_ROUTINE LA_F(la_solve_low)(int n, int m, const LA_T *L, LA_T *X) {
  for (int k = 0; k < n; k++) {
    LA_T *xk = X + k * m;
    for (int r = 0; r < m; r++) xk[r] = xk[r] / L[k * n + k];
    for (int i = k + 1; i < n; i++)
      for (int r = 0; r < m; r++) X[i * m + r] -= L[i * n + k] * xk[r];
  }
}

/* X[n][m] = L^-T X in place */
LA_ROUTINE LA_F(la_solve_low_t)(int n, int m, const LA_T *L, LA_T *X) {
  for (int k = n - 1; k >= 0; k--) {
    LA_T *xk = X + k * m;
    for (int r = 0; r < m; r++) xk[r] = xk[r] / L[k * n + k];
    for (int i = 0; i < k; i++)
      for (int r = 0; r < m; r++) X[i * m + r] -= L[k * n + i] * xk[r];
  }
}

/* X[m][n] = X L^-1 in place */
LA_ROUTINE LA_F(la_solve_low_right)(int n, int m, const LA_T *L, LA_T *X) {
  for (int r = 0; r < m; r++)
    for (int k = n - 1; k >= 0; k--) {
      LA_T *x = X + r * n;
      x[k] = x[k] / L[k * n + k];
      for (int j = 0; j < k; j++) x[j] -= x[k] * L[k * n + j];
    }
}

/* X[m][n] = X L^-T in place */
LA_ROUTINE LA_F(la_solve_low_right_t)(int n, int m, const LA_T *L, LA_T *X) {
  for (int r = 0; r < m; r++)
    for (int k = 0; k < n; k++) {
      LA_T *x = X + r * n;
      x[k] = x[k] / L[k * n + k];
      for (int j = k + 1; j < n; j++) x[j] -= x[k] * L[j * n + k];
    }
}

/* X += NaN in the lanes where `bad` is NaN; bad is 0 or NaN. */
LA_INLINE void LA_F(la_poison)(int count, LA_T bad, LA_T *x) {
  for (int i = 0; i < count; i++) x[i] += bad;
}

/* NaN in the lanes where the diagonal of A[n][n] has a zero or what is not finite; 0 elsewhere. */
LA_INLINE LA_T LA_F(la_zero_pivot)(int n, const LA_T *A) {
  LA_T bad = LA_F(la_all)(0.0);
  for (int i = 0; i < n; i++) {
    LA_T pivot = A[i * n + i];
    bad += pivot - pivot;
    bad = LA_F(la_where)(LA_F(la_eq)(pivot, LA_F(la_all)(0.0)), LA_F(la_all)(LA_NAN), bad);
  }
  return bad;
}

/* X[n][m] = L^-1 B, L[n][n] read in its lower triangle */
LA_ROUTINE LA_F(mdivide_left_tri_low)(masting_arena *arena, int n, int m, const LA_T *L,
                                      const LA_T *B, LA_T *X) {
  (void)arena;
  LA_F(la_copy)(n * m, B, X);
  LA_F(la_solve_low)(n, m, L, X);
  LA_F(la_poison)(n * m, LA_F(la_zero_pivot)(n, L), X);
}

/* X[m][n] = B L^-1, B[m][n], L[n][n] read in its lower triangle */
LA_ROUTINE LA_F(mdivide_right_tri_low)(masting_arena *arena, int n, int m, const LA_T *B,
                                       const LA_T *L, LA_T *X) {
  (void)arena;
  LA_F(la_copy)(m * n, B, X);
  LA_F(la_solve_low_right)(n, m, L, X);
  LA_F(la_poison)(m * n, LA_F(la_zero_pivot)(n, L), X);
}
