/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Only regular files are opened, whatever has their names. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "elf/regular.h"

static char directory[] = "/tmp/suture-regular-XXXXXX";

static int setup(void **state)
{
	(void)state;
	alarm(60); /* for what waits for a pipe */
	return mkdtemp(directory) && !chdir(directory) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	unlink("file");
	unlink("pipe");
	unlink("link");
	return rmdir(directory);
}

static void test_file(void **state)
{
	int fd = open("file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct stat made, opened;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &made), 0);
	close(fd);
	fd = lp_regular_open("file", made.st_ino);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &opened), 0);
	assert_true(opened.st_ino == made.st_ino && opened.st_dev == made.st_dev);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	close(fd);
	fd = lp_regular_open("file", 0);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(lp_regular_open("file", made.st_ino + 1), -ESTALE);
}

static void test_others(void **state)
{
	(void)state;
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_equal(symlink("pipe", "link"), 0);
	assert_int_equal(lp_regular_open("pipe", 0), -EBADMSG);
	assert_int_equal(lp_regular_open("link", 0), -EBADMSG);
	assert_int_equal(lp_regular_open(".", 0), -EBADMSG);
	assert_int_equal(lp_regular_open("/dev/null", 0), -EBADMSG);
	assert_int_equal(lp_regular_open("/dev/tty", 0), -EBADMSG);
	assert_int_equal(lp_regular_open("none", 0), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
