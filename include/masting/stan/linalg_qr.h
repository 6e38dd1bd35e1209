/* masting/stan/linalg_qr.h -- part of linalg.h: QR by Householder reflections, the diagonal of R
 * not negative. Included once for each type; see there. */

LA_INLINE int LA_F(la_least)(int n, int m) { return n < m ? n : m; }

/* Reflects the columns from `from` on of a[n][cols]: a -= beta v (v' a), v zero above row k. */
LA_INLINE void LA_F(la_reflect)(int n, int cols, int k, int from, LA_T beta, const LA_T *v,
                                LA_T *dot, LA_T *a) {
  LA_F(la_zero)(cols, dot);
  for (int i = k; i < n; i++)
    for (int j = from; j < cols; j++) dot[j] += v[i] * a[i * cols + j];
  for (int i = k; i < n; i++)
    for (int j = from; j < cols; j++) a[i * cols + j] -= beta * v[i] * dot[j];
}

/* The reflection that makes column k of r[n][m] zero below the diagonal: v[n], returns beta. */
LA_INLINE LA_T LA_F(la_reflector)(int n, int m, int k, const LA_T *r, LA_T *v) {
  LA_T zero = LA_F(la_all)(0.0), one = LA_F(la_all)(1.0), most = zero, norm = zero;
  for (int i = k; i < n; i++) {
    v[i] = r[i * m + k];
    LA_T size = LA_F(la_abs)(v[i]);
    most = LA_F(la_where)(LA_F(la_lt)(most, size), size, most);
  }
  LA_MASK none = LA_F(la_eq)(most, zero);
  LA_T scale = LA_F(la_where)(none, one, most);
  for (int i = k; i < n; i++) {
    v[i] = v[i] / scale;
    norm += v[i] * v[i];
  }
  norm = LA_F(la_sqrt)(norm);
  v[k] += LA_F(la_where)(LA_F(la_lt)(v[k], zero), -norm, norm);
  return LA_F(la_where)(none, zero, one / LA_F(la_where)(none, one, norm * LA_F(la_abs)(v[k])));
}

/* Q[n][q] and R[q][m], q at least min(n, m): A = Q R. Q or R may be NULL. */
LA_ROUTINE LA_F(la_qr)(masting_arena *arena, int n, int m, int q, const LA_T *A, LA_T *Q, LA_T *R) {
  masting_arena_state mark = masting_arena_mark(arena);
  int least = LA_F(la_least)(n, m);
  LA_T *r = LA_F(la_take)(arena, n * m), *v = LA_F(la_take)(arena, least * n);
  LA_T *beta = LA_F(la_take)(arena, least), *dot = LA_F(la_take)(arena, n + m);
  LA_T *sign = LA_F(la_take)(arena, least), zero = LA_F(la_all)(0.0), one = LA_F(la_all)(1.0);
  LA_F(la_copy)(n * m, A, r);
  for (int k = 0; k < least; k++) {
    beta[k] = LA_F(la_reflector)(n, m, k, r, v + k * n);
    LA_F(la_reflect)(n, m, k, k, beta[k], v + k * n, dot, r);
    sign[k] = LA_F(la_where)(LA_F(la_lt)(r[k * m + k], zero), -one, one);
  }
  for (int i = 0; R && i < q; i++)
    for (int j = 0; j < m; j++) R[i * m + j] = i < least && j >= i ? sign[i] * r[i * m + j] : zero;
  if (Q) {
    for (int i = 0; i < n; i++)
      for (int j = 0; j < q; j++) Q[i * q + j] = i == j ? one : zero;
    for (int k = least - 1; k >= 0; k--) LA_F(la_reflect)(n, q, k, k, beta[k], v + k * n, dot, Q);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < least; j++) Q[i * q + j] = sign[j] * Q[i * q + j];
  }
  masting_arena_release(arena, mark);
}

/* Q[n][q] and R[q][m], q = min(n, m): A[n][m] = Q R */
LA_ROUTINE LA_F(qr_thin)(masting_arena *arena, int n, int m, const LA_T *A, LA_T *Q, LA_T *R) {
  LA_F(la_qr)(arena, n, m, LA_F(la_least)(n, m), A, Q, R);
}

/* Q[n][min(n, m)] of A[n][m] */
LA_ROUTINE LA_F(qr_thin_Q)(masting_arena *arena, int n, int m, const LA_T *A, LA_T *Q) {
  LA_F(la_qr)(arena, n, m, LA_F(la_least)(n, m), A, Q, NULL);
}

/* R[min(n, m)][m] of A[n][m] */
LA_ROUTINE LA_F(qr_thin_R)(masting_arena *arena, int n, int m, const LA_T *A, LA_T *R) {
  LA_F(la_qr)(arena, n, m, LA_F(la_least)(n, m), A, NULL, R);
}

/* Q[n][n] of A[n][m]; no adjoint: beyond min(n, m) its columns are not determined by A */
LA_ROUTINE LA_F(qr_Q)(masting_arena *arena, int n, int m, const LA_T *A, LA_T *Q) {
  LA_F(la_qr)(arena, n, m, n, A, Q, NULL);
}

/* R[n][m] of A[n][m] */
LA_ROUTINE LA_F(qr_R)(masting_arena *arena, int n, int m, const LA_T *A, LA_T *R) {
  LA_F(la_qr)(arena, n, m, n, A, NULL, R);
}
