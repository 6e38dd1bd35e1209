/* tests/unit/test_progress.c -- the progress line fits its terminal and says the most important
 * last; numbers for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/show.h"
#include "run/progress.h"

static mst_progress halfway(void) {
  return (mst_progress){.chains = 8,
                        .warmup = 300,
                        .draws = 1000,
                        .warmup_done = 2400,
                        .draws_done = 2800,
                        .divergences = 3,
                        .step_size = 0.3123,
                        .mean_depth = 3.42,
                        .gradients_per_second = 412345,
                        .elapsed = 10,
                        .remaining = 83};
}

static void expect_line(const mst_progress *p, int width, bool utf8, const char *want) {
  char text[512];
  mst_progress_line(p, width, utf8, text, sizeof text);
  assert_string_equal(text, want);
}

static void wide_lines_say_everything(void **state) {
  (void)state;
  mst_progress p = halfway();
  expect_line(&p, 132, false,
              "sampling|############............|  50%  2,800/8,000 draws   3 div  step 0.31    "
              "depth  3.4   412k grad/s   1:23 left");
  p.warmup_done = 1200;
  p.draws_done = 0;
  p.remaining = -1;
  expect_line(&p, 132, false,
              "warm-up |##......................|  11%  1,200/2,400 draws   3 div  step 0.31    "
              "depth  3.4   412k grad/s   ?:?? left");
  p = halfway();
  p.draws_done = 8000;
  p.finished = 1;
  p.elapsed = 3723;
  expect_line(&p, 132, true,
              "sampling|████████████████████████| 100%  8,000/8,000 draws   3 div  step 0.31    "
              "depth  3.4   412k grad/s  in 1:02:03");
}

static void narrow_lines_drop_the_least(void **state) {
  (void)state;
  mst_progress p = halfway();
  expect_line(&p, 80, false,
              "sampling|######......|  50%  2,800/8,000 draws   3 div  step 0.31     1:23 left");
  expect_line(&p, 40, false, "sampling|######......|  50%   1:23 left");
}

static void no_line_is_wider_than_its_terminal(void **state) {
  (void)state;
  mst_progress p = halfway();
  p.draws = 1000000000;
  p.draws_done = 7999999999;
  p.divergences = 1234567890;
  p.step_size = 1.2345e-7;
  p.mean_depth = 10;
  p.gradients_per_second = 9.99e15;
  p.remaining = 1e7;
  for (int width = 40; width < 200; width++) {
    char text[512];
    mst_progress_line(&p, width, false, text, sizeof text);
    assert_true(strlen(text) < (size_t)width);
  }
}

static void a_redrawn_line_keeps_its_columns(void **state) {
  (void)state;
  mst_progress p = halfway();
  char first[512], text[512];
  mst_progress_line(&p, 100, false, first, sizeof first);
  for (int64_t done = 0; done <= 8000; done += 160) {
    p.draws_done = done;
    p.remaining = (double)(8000 - done) / 50;
    mst_progress_line(&p, 100, false, text, sizeof text);
    assert_int_equal(strlen(text), strlen(first));
    assert_int_equal(strstr(text, "div") - text, strstr(first, "div") - first);
  }
}

static void numbers_for_people(void **state) {
  (void)state;
  char t[MST_SHOW_SIZE];
  assert_string_equal(mst_show_count(0, t), "0");
  assert_string_equal(mst_show_count(999, t), "999");
  assert_string_equal(mst_show_count(-1234567, t), "-1,234,567");
  assert_string_equal(mst_show_count(INT64_MIN, t), "-9,223,372,036,854,775,808");
  assert_string_equal(mst_show_short(999.4, t), "999");
  assert_string_equal(mst_show_short(999.6, t), "1.0k");
  assert_string_equal(mst_show_short(123456, t), "123k");
  assert_string_equal(mst_show_short(2.14e6, t), "2.1M");
  assert_string_equal(mst_show_bytes(1023, t), "1023 B");
  assert_string_equal(mst_show_bytes(1536, t), "1.5 KiB");
  assert_string_equal(mst_show_bytes(INT64_C(5) << 30, t), "5.0 GiB");
  assert_string_equal(mst_show_seconds(21.4e-6, t), "21.4 us");
  assert_string_equal(mst_show_seconds(0.0123, t), "12.3 ms");
  assert_string_equal(mst_show_seconds(2.306, t), "2.31 s");
  assert_string_equal(mst_show_seconds(83, t), "83 s");
  assert_string_equal(mst_show_seconds(119.6, t), "2 min 00 s");
  assert_string_equal(mst_show_seconds(7260, t), "2 h 01 min");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wide_lines_say_everything),
      cmocka_unit_test(narrow_lines_drop_the_least),
      cmocka_unit_test(no_line_is_wider_than_its_terminal),
      cmocka_unit_test(a_redrawn_line_keeps_its_columns),
      cmocka_unit_test(numbers_for_people),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
