// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * avahi.c - threads with an mDNS server each, by libavahi-core, on the loopback interface: they
 * publish services and records, look them up, those of the other one too, and change their names.
 *
 *	avahi COUNTS ADDRESS
 *
 * ADDRESS, whose port 53 nobody listens on, is where one more thread answers what is not asked of
 * all.
 */
#include <arpa/inet.h>
#include <avahi-common/domain.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-common/simple-watch.h>
#include <avahi-core/core.h>
#include <avahi-core/log.h>
#include <avahi-core/lookup.h>
#include <avahi-core/publish.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "count.h"

#define TIMEOUT_S 60
#define N_STATIONS 2
#define TYPE "_corpus._tcp"
#define HEADER_SIZE 12

struct station {
	AvahiSimplePoll *poll;
	AvahiServer *server;
	AvahiSEntryGroup *lasting; /* a service for as long as the process lasts */
	int number;
	unsigned round;
};

/* What a lookup has brought so far. */
struct found {
	const char *wanted;
	bool done, failed;
	unsigned count;
	uint32_t address;
	char text[256];
};

static AvahiAddress name_server;
static int server_fd;

/* --- a server of names that are not local --- */

static unsigned char *put_record(unsigned char *at, unsigned type, const void *data, size_t length)
{
	/* the name is that of the question, or for an address after an alias the target of that */
	const unsigned char fixed[] = { 0, (unsigned char)type,	 0, 1, 0, 0, 0, 1,
					0, (unsigned char)length };

	memcpy(at, fixed, sizeof(fixed));
	memcpy(at + sizeof(fixed), data, length);
	return at + sizeof(fixed) + length;
}

static unsigned char *put_pointer(unsigned char *at, size_t offset)
{
	*at++ = 0xc0;
	*at++ = (unsigned char)offset;
	return at;
}

/*
 * "aNNN.corpus" is an alias of "target.corpus"; addresses end in the length of the first part of
 * the name.
 */
static size_t answer(unsigned char *packet, size_t length)
{
	unsigned char *at = packet + HEADER_SIZE, *target;
	bool alias = at[1] == 'a';
	const unsigned char address[] = { 10, 1, 2, alias ? strlen("target") : *at };

	while (*at && at < packet + length)
		at += *at + 1;
	at += 5;
	packet[2] = 0x81;
	packet[3] = 0x80;
	memset(packet + 6, 0, 6);
	packet[7] = alias ? 2 : 1;
	at = put_pointer(at, HEADER_SIZE);
	if (alias) {
		target = at + 10;
		at = put_record(at, AVAHI_DNS_TYPE_CNAME, "\6target\6corpus", 15);
		at = put_pointer(at, (size_t)(target - packet));
	}
	at = put_record(at, AVAHI_DNS_TYPE_A, address, sizeof(address));
	return (size_t)(at - packet);
}

static void *serve(void *unused)
{
	unsigned char packet[2048];
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	ssize_t length;

	(void)unused;
	while ((length = recvfrom(server_fd, packet, 512, 0, (struct sockaddr *)&from, &size)) >=
	       0) {
		if (length > HEADER_SIZE + 5)
			sendto(server_fd, packet, answer(packet, (size_t)length), 0,
			       (struct sockaddr *)&from, size);
		size = sizeof(from);
	}
	return NULL;
}

static void start_server(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(53) };
	pthread_t thread;

	count_require(avahi_address_parse(text, AVAHI_PROTO_INET, &name_server));
	address.sin_addr.s_addr = name_server.data.ipv4.address;
	server_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	count_require(!bind(server_fd, (struct sockaddr *)&address, sizeof(address)));
	count_require(!pthread_create(&thread, NULL, serve, NULL));
}

/* --- waiting --- */

/* Runs the station until *done; false after too long a time, or at the end of all. */
static bool await(struct station *station, const bool *done)
{
	time_t until = time(NULL) + TIMEOUT_S;

	while (!*done && time(NULL) < until && count_running())
		avahi_simple_poll_iterate(station->poll, 100);
	return *done;
}

static bool is_running(struct station *station, AvahiServerState state)
{
	time_t until = time(NULL) + TIMEOUT_S;

	while (avahi_server_get_state(station->server) != state && time(NULL) < until &&
	       count_running())
		avahi_simple_poll_iterate(station->poll, 100);
	return avahi_server_get_state(station->server) == state;
}

/* One operation, but for those that the end of all has cut short. */
static bool good(struct station *station, bool is_good, const char *what)
{
	if (is_good)
		count_ok();
	else if (count_running())
		count_error("station %d, round %u: %s: %s", station->number, station->round, what,
			    avahi_strerror(avahi_server_errno(station->server)));
	return is_good;
}

/* --- what is published --- */

static void service_name(char out[64], int station)
{
	snprintf(out, 64, "Corpus %d of %d", station, getpid());
}

/*
 * At a host name of its own: only one of the servers can have the address, and the name that goes
 * with it.
 */
static bool publish_service(struct station *station)
{
	char name[64], text[64], host[64];
	AvahiAddress address;

	service_name(name, station->number);
	snprintf(text, sizeof(text), "station=%d", station->number);
	snprintf(host, sizeof(host), "host%d-%d.local", getpid(), station->number);
	avahi_address_parse("127.0.0.1", AVAHI_PROTO_INET, &address);
	station->lasting = avahi_s_entry_group_new(station->server, NULL, NULL);
	return station->lasting &&
	       !avahi_server_add_address(station->server, station->lasting, AVAHI_IF_UNSPEC,
					 AVAHI_PROTO_UNSPEC, AVAHI_PUBLISH_NO_REVERSE, host,
					 &address) &&
	       !avahi_server_add_service(station->server, station->lasting, AVAHI_IF_UNSPEC,
					 AVAHI_PROTO_UNSPEC, 0, name, TYPE, NULL, host,
					 (uint16_t)(1000 + station->number), text, "a=b", NULL) &&
	       !avahi_s_entry_group_commit(station->lasting);
}

static AvahiRecord *new_record(const char *name, uint16_t type)
{
	return avahi_record_new_full(name, AVAHI_DNS_CLASS_IN, type, 5);
}

static bool add_record(struct station *station, AvahiSEntryGroup *group, AvahiRecord *record)
{
	int result = avahi_server_add(station->server, group, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC,
				      AVAHI_PUBLISH_NO_PROBE, record);

	avahi_record_unref(record);
	return !result;
}

/* An alias of an alias of a name with an address, and a text. */
static bool add_records(struct station *station, AvahiSEntryGroup *group, const char *base)
{
	char names[3][64];
	AvahiRecord *record;

	for (int i = 0; i < 3; i++)
		snprintf(names[i], sizeof(names[i]), "%s-%d.local", base, i);
	for (int i = 0; i < 2; i++) {
		record = new_record(names[i], AVAHI_DNS_TYPE_CNAME);
		record->data.cname.name = avahi_strdup(names[i + 1]);
		if (!add_record(station, group, record))
			return false;
	}
	record = new_record(names[2], AVAHI_DNS_TYPE_TXT);
	record->data.txt.string_list = avahi_string_list_new("one", "two", NULL);
	if (!add_record(station, group, record))
		return false;
	record = new_record(names[2], AVAHI_DNS_TYPE_A);
	record->data.a.address.address = htonl(0x0a141e00 + station->round % 256);
	return add_record(station, group, record);
}

/* Which is empty, or has a string that is too long. */
static void refuse_records(struct station *station)
{
	static const unsigned char zeros[300];
	AvahiRecord *record = new_record("wrong.local", AVAHI_DNS_TYPE_TXT);

	good(station, avahi_record_is_valid(record), "a text without strings is valid");
	record->data.txt.string_list = avahi_string_list_add_arbitrary(NULL, zeros, 200);
	good(station, avahi_record_is_valid(record), "a text of 200 bytes is valid");
	record->data.txt.string_list = avahi_string_list_add_arbitrary(record->data.txt.string_list,
								       zeros, 300);
	good(station, !avahi_record_is_valid(record), "one of 300 bytes is not");
	avahi_record_unref(record);
}

/* --- lookups --- */

static void on_record(AvahiSRecordBrowser *browser, AvahiIfIndex interface, AvahiProtocol protocol,
		      AvahiBrowserEvent event, AvahiRecord *record, AvahiLookupResultFlags flags,
		      void *user)
{
	struct found *found = user;

	(void)browser;
	(void)interface;
	(void)protocol;
	(void)flags;
	if (event == AVAHI_BROWSER_NEW && record->key->type == AVAHI_DNS_TYPE_A) {
		found->address = ntohl(record->data.a.address.address);
		found->count++;
		found->done = true;
	} else if (event == AVAHI_BROWSER_FAILURE) {
		found->failed = found->done = true;
	}
}

static void look_up(struct station *station, const char *name, AvahiLookupFlags flags,
		    uint32_t expected)
{
	AvahiKey *key = avahi_key_new(name, AVAHI_DNS_CLASS_IN, AVAHI_DNS_TYPE_A);
	struct found found = { .wanted = name };
	AvahiSRecordBrowser *browser = avahi_s_record_browser_new(station->server, AVAHI_IF_UNSPEC,
								  AVAHI_PROTO_UNSPEC, key, flags,
								  on_record, &found);

	avahi_key_unref(key);
	if (!good(station, browser != NULL, name))
		return;
	good(station, await(station, &found.done) && !found.failed && found.address == expected,
	     name);
	avahi_s_record_browser_free(browser);
}

static void on_service(AvahiSServiceBrowser *browser, AvahiIfIndex interface,
		       AvahiProtocol protocol, AvahiBrowserEvent event, const char *name,
		       const char *type, const char *domain, AvahiLookupResultFlags flags,
		       void *user)
{
	struct found *found = user;

	(void)browser;
	(void)interface;
	(void)protocol;
	(void)type;
	(void)domain;
	(void)flags;
	if (event == AVAHI_BROWSER_NEW && !strcmp(name, found->wanted))
		found->done = true;
}

static void on_resolved(AvahiSServiceResolver *resolver, AvahiIfIndex interface,
			AvahiProtocol protocol, AvahiResolverEvent event, const char *name,
			const char *type, const char *domain, const char *host,
			const AvahiAddress *address, uint16_t port, AvahiStringList *text,
			AvahiLookupResultFlags flags, void *user)
{
	struct found *found = user;

	(void)resolver;
	(void)interface;
	(void)protocol;
	(void)name;
	(void)type;
	(void)domain;
	(void)host;
	(void)address;
	(void)flags;
	found->done = true;
	found->failed = event == AVAHI_RESOLVER_FAILURE;
	found->count = port;
	if (!found->failed && avahi_string_list_find(text, "station"))
		snprintf(found->text, sizeof(found->text), "%s",
			 avahi_string_list_get_text(avahi_string_list_find(text, "station")));
}

static void find_service(struct station *station, int other)
{
	char name[64], text[64];
	struct found browsed = { .wanted = name }, resolved = { .wanted = name };
	AvahiSServiceBrowser *browser;
	AvahiSServiceResolver *resolver;

	service_name(name, other);
	snprintf(text, sizeof(text), "station=%d", other);
	browser = avahi_s_service_browser_new(station->server, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC,
					      TYPE, NULL, 0, on_service, &browsed);
	resolver = avahi_s_service_resolver_new(station->server, AVAHI_IF_UNSPEC,
						AVAHI_PROTO_UNSPEC, name, TYPE, "local",
						AVAHI_PROTO_UNSPEC, 0, on_resolved, &resolved);
	if (!good(station, browser && resolver, "browser and resolver"))
		return;
	good(station, await(station, &browsed.done), "a service is seen");
	good(station,
	     await(station, &resolved.done) && resolved.count == 1000u + (unsigned)other &&
		     !strcmp(resolved.text, text),
	     "a service is resolved");
	avahi_s_service_resolver_free(resolver);
	avahi_s_service_browser_free(browser);
}

/* --- names --- */

static void change_name(struct station *station)
{
	char name[64], full[80];

	snprintf(name, sizeof(name), "c%d-%d-%u", getpid(), station->number, station->round);
	snprintf(full, sizeof(full), "%s.local", name);
	if (!good(station, !avahi_server_set_host_name(station->server, name), "a new name"))
		return;
	good(station, avahi_server_set_host_name(station->server, name) == AVAHI_ERR_NO_CHANGE,
	     "the same name again");
	good(station, is_running(station, AVAHI_SERVER_RUNNING), "running by its new name");
	good(station,
	     !strcmp(avahi_server_get_host_name(station->server), name) &&
		     !strcmp(avahi_server_get_host_name_fqdn(station->server), full),
	     "it has its new name");
	good(station,
	     avahi_server_set_host_name(station->server, "-not.right") ==
		     AVAHI_ERR_INVALID_HOST_NAME,
	     "a name that is not right");
}

static bool is_normalized(const char *from, const char *to)
{
	char out[AVAHI_DOMAIN_NAME_MAX];

	return avahi_normalize_name(from, out, sizeof(out)) && !strcmp(out, to);
}

static void normalize_names(struct station *station)
{
	good(station, is_normalized("a.b.c.", "a.b.c"), "a dot at the end");
	good(station, is_normalized("\\065\\.x.b\\\\", "A\\.x.b\\\\"), "escapes");
	good(station, is_normalized("", ""), "no name");
	good(station, avahi_domain_equal("Corpus.Local.", "corpus.local"), "the same names");
	good(station,
	     avahi_is_valid_host_name("corpus") && !avahi_is_valid_host_name("cor.pus") &&
		     avahi_is_valid_service_type_generic(TYPE),
	     "names that are right");
}

/* --- stations --- */

static struct station *create_station(int number)
{
	struct station *station = calloc(1, sizeof(*station));
	AvahiServerConfig config;
	char name[64];
	int error = 0;

	station->number = number;
	station->poll = avahi_simple_poll_new();
	snprintf(name, sizeof(name), "c%d-%d", getpid(), number);
	avahi_server_config_init(&config);
	config.host_name = avahi_strdup(name);
	config.use_ipv6 = 0;
	config.publish_addresses = number == 0;
	config.allow_interfaces = avahi_string_list_new("lo", NULL);
	config.enable_wide_area = 1;
	config.wide_area_servers[0] = name_server;
	config.n_wide_area_servers = 1;
	config.ratelimit_interval = 0;
	station->server = avahi_server_new(avahi_simple_poll_get(station->poll), &config, NULL,
					   NULL, &error);
	avahi_server_config_free(&config);
	if (!station->server)
		fprintf(stderr, "avahi: no server: %s\n", avahi_strerror(error));
	count_require(station->server && is_running(station, AVAHI_SERVER_RUNNING));
	count_require(publish_service(station));
	return station;
}

static void publish_and_find(struct station *station)
{
	AvahiSEntryGroup *group = avahi_s_entry_group_new(station->server, NULL, NULL);
	char base[32], alias[64];

	snprintf(base, sizeof(base), "r%d-%d-%u", getpid(), station->number, station->round);
	snprintf(alias, sizeof(alias), "%s-0.local", base);
	if (good(station,
		 group && add_records(station, group, base) && !avahi_s_entry_group_commit(group),
		 "records"))
		look_up(station, alias, AVAHI_LOOKUP_USE_MULTICAST,
			0x0a141e00 + station->round % 256);
	avahi_s_entry_group_free(group);
}

static void work(int number)
{
	static _Thread_local struct station *station;
	char name[64];

	if (!station)
		station = create_station(number);
	publish_and_find(station);
	refuse_records(station);
	find_service(station, number);
	find_service(station, 1 - number);
	snprintf(name, sizeof(name), "h%u.corpus", station->round);
	look_up(station, name, AVAHI_LOOKUP_USE_WIDE_AREA,
		0x0a010200 + (uint32_t)strcspn(name, "."));
	snprintf(name, sizeof(name), "a%u.corpus", station->round);
	look_up(station, name, AVAHI_LOOKUP_USE_WIDE_AREA, 0x0a010200 + strlen("target"));
	change_name(station);
	normalize_names(station);
	station->round++;
}

int main(int argc, char **argv)
{
	count_require(argc == 3);
	start_server(argv[2]);
	return count_run(argv[1], N_STATIONS, work);
}
