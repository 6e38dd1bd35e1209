/* base/std_normal_hot.c -- Threefry words to normals, 32 at a time; see std_normal.h. */
#define MASTING_LANES 8
#include <masting/lanes.h>
#include <sleef.h>

#include "base/std_normal.h"

#define PASTE2(a, b) a##b
#define PASTE(a, b) PASTE2(a, b)
#define NAME PASTE(mst_std_normal_, MST_ISA_TAG)

mst_std_normal_fn NAME;

#if MASTING_V_CHUNK_ == 8
#define SINCOSPI Sleef_sincospid8_u35avx512f
typedef Sleef___m512d_2 chunk2;
#elif MASTING_V_CHUNK_ == 4
#define SINCOSPI Sleef_sincospid4_u35avx2
typedef Sleef___m256d_2 chunk2;
#elif defined(__x86_64__)
#define SINCOSPI Sleef_sincospid2_u35sse2
typedef Sleef___m128d_2 chunk2;
#elif defined(__aarch64__)
#define SINCOSPI Sleef_sincospid2_u35advsimd
typedef Sleef_float64x2_t_2 chunk2;
#else
#define SINCOSPI Sleef_sincospid1_u35purec
typedef Sleef_double2 chunk2;
#endif

/* Eight pairs of uniforms to sixteen normals. */
static inline void box_muller(const double *u, const double *v, double *z, double *w) {
  vreal radius, angle, s, c;
  memcpy(&radius, u, sizeof radius);
  memcpy(&angle, v, sizeof angle);
  radius = v_sqrt(-2.0 * v_log(radius));
  angle = 2.0 * angle;
  MASTING_V_TYPE_ in[MASTING_LANES / MASTING_V_CHUNK_], out_s[MASTING_LANES / MASTING_V_CHUNK_],
      out_c[MASTING_LANES / MASTING_V_CHUNK_];
  memcpy(in, &angle, sizeof angle);
  for (int i = 0; i < MASTING_LANES / MASTING_V_CHUNK_; i++) {
    chunk2 sc = SINCOSPI(in[i]);
    out_s[i] = sc.x;
    out_c[i] = sc.y;
  }
  memcpy(&s, out_s, sizeof s);
  memcpy(&c, out_c, sizeof c);
  s = radius * s;
  c = radius * c;
  memcpy(z, &c, sizeof c);
  memcpy(w, &s, sizeof s);
}

void NAME(uint64_t seed, uint64_t chain, uint64_t epoch, mst_use use, uint64_t first, int64_t count,
          double *out) {
  const threefry4x64_key_t key = {{seed, chain, 0, 0}};
  for (int64_t at = 0; at < count; at += 32) {
    double u[4][8], z[4][8];
    for (unsigned i = 0; i < 8; i++) {
      threefry4x64_ctr_t c = {{(first + (uint64_t)at) / 4 + i, epoch, (uint64_t)use, 0}};
      c = threefry4x64_R(20, c, key);
      u[0][i] = mst_uniform_from(c.v[0]);
      u[1][i] = mst_uniform_from(c.v[1]);
      u[2][i] = mst_uniform_from(c.v[2]);
      u[3][i] = mst_uniform_from(c.v[3]);
    }
    box_muller(u[0], u[1], z[0], z[1]);
    box_muller(u[2], u[3], z[2], z[3]);
    for (int i = 0; i < 8; i++)
      for (int k = 0; k < 4; k++) out[at + 4 * i + k] = z[k][i];
  }
}
