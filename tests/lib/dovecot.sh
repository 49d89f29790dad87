#!/bin/sh
# A private IMAP server for tests, on 127.0.0.1 and ports of its own.
#
#   dovecot.sh start DIR   certificates (once), configuration, server; prints shell
#                          assignments: IMAP_PORT IMAPS_PORT IMAP_USER IMAP_PASS
#                          IMAP_CA IMAP_MAILDIR IMAP_UID IMAP_PID
#   dovecot.sh stop DIR
#   dovecot.sh certificates DIR   only those, for another server
#
# Everything lives in DIR, nothing of /etc/dovecot is read. As root the mail
# belongs to uid 5000, which needs no entry anywhere; otherwise to the caller.
#
# Taken from the environment at start:
#   IMAP_PORT IMAPS_PORT   fixed ports, to come back at the same place
#   IMAP_CERT              good (default), wrong-name, expired, self-signed, unknown-ca
#   IMAP_CAPABILITY        replaces the capability list
#   IMAP_MECHANISMS        auth_mechanisms ("plain login cram-md5 scram-sha-1 scram-sha-256")
#   IMAP_COMPRESS=1        offers COMPRESS=DEFLATE
#   IMAP_EXTRA             further configuration lines
set -eu

die() { echo "dovecot.sh: $*" >&2; exit 1; }
[ $# -eq 2 ] || die "usage: dovecot.sh start|stop|certificates DIR"
case $2 in /*) dir=$2 ;; *) dir=$PWD/$2 ;; esac
[ ${#dir} -le 70 ] || die "too long for Unix sockets: $dir"
conf=$dir/dovecot.conf
PATH=$PATH:/usr/sbin:/sbin
command -v dovecot >/dev/null 2>&1 || { echo "dovecot is not here" >&2; exit 77; }

free_ports() {
	python3 -c 'import socket
s = [socket.socket() for _ in range(2)]
[x.bind(("127.0.0.1", 0)) for x in s]
print(*[x.getsockname()[1] for x in s])'
}

start_at() { # start_at IMAP-PORT IMAPS-PORT: "" = any that is free
	if [ -z "$1" ] || [ -z "$2" ]; then
		# shellcheck disable=SC2046
		set -- $(free_ports)
	fi
	imap_port=$1 imaps_port=$2
	write_conf
	dovecot -c "$conf" </dev/null >"$dir/start.out" 2>&1
}

authority() { # authority NAME: a CA
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -days 3650 \
		-addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" \
		-keyout "$1.key" -out "$1.crt"
}

certificate() { # certificate NAME CA SUBJECT-ALT-NAMES DAYS
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=${3#DNS:}" \
		-keyout "$1.key" -out "$1.csr"
	printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$3" >"$1.ext"
	if [ "$4" = expired ]; then
		mkdir -p demo && : >demo/index && echo 01 >demo/serial
		printf '[ca]\ndefault_ca=d\n[d]\ndatabase=demo/index\nserial=demo/serial\nnew_certs_dir=demo\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' >demo/conf
		openssl ca -batch -config demo/conf -cert "$2.crt" -keyfile "$2.key" -in "$1.csr" \
			-out "$1.crt" -extfile "$1.ext" -startdate 20200101000000Z -enddate 20210101000000Z -notext
	else
		openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days "$4" \
			-extfile "$1.ext" -out "$1.crt"
	fi
}

make_certificates() {
	[ -s "$dir/tls/good.crt" ] && return 0
	mkdir -p "$dir/tls"
	(
		cd "$dir/tls"
		authority ca
		authority other-ca
		certificate good ca "DNS:localhost,IP:127.0.0.1" 3650
		certificate wrong-name ca "DNS:mail.example.net" 3650
		certificate expired ca "DNS:localhost,IP:127.0.0.1" expired
		certificate unknown-ca other-ca "DNS:localhost,IP:127.0.0.1" 3650
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
			-subj "/CN=localhost" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -days 3650 \
			-keyout self-signed.key -out self-signed.crt
	) >"$dir/tls/openssl.log" 2>&1 || die "openssl failed: $(tail -n 3 "$dir/tls/openssl.log")"
}

write_conf() {
	if [ "$(id -u)" -eq 0 ]; then
		uid=5000 gid=5000
		users="# the package's own: dovecot, dovenull"
	else
		uid=$(id -u) gid=$(id -g)
		users="default_internal_user = $(id -un)
default_internal_group = $(id -gn)
default_login_user = $(id -un)"
	fi
	mkdir -p "$dir/mail/Maildir" "$dir/run" "$dir/state"
	printf '%s:{PLAIN}%s:%s:%s::%s::\n' "$user" "$pass" "$uid" "$gid" "$dir/mail" >"$dir/users"
	chmod 644 "$dir/users"
	[ "$(id -u)" -ne 0 ] || chown -R "$uid:$gid" "$dir/mail"
	cat >"$conf" <<-CONF
		base_dir = $dir/run
		state_dir = $dir/state
		log_path = $dir/dovecot.log
		protocols = imap
		listen = 127.0.0.1
		$users
		first_valid_uid = 1
		mail_location = maildir:~/Maildir
		mail_fsync = never
		auth_failure_delay = 0
		auth_mechanisms = ${IMAP_MECHANISMS:-plain login cram-md5 scram-sha-1 scram-sha-256}
		disable_plaintext_auth = no
		mail_max_userip_connections = 64
		ssl = yes
		ssl_cert = <$dir/tls/${IMAP_CERT:-good}.crt
		ssl_key = <$dir/tls/${IMAP_CERT:-good}.key
		passdb {
		  driver = passwd-file
		  args = $dir/users
		}
		userdb {
		  driver = passwd-file
		  args = $dir/users
		}
		service anvil {
		  chroot =
		}
		service imap-login {
		  chroot =
		  inet_listener imap {
		    port = $imap_port
		  }
		  inet_listener imaps {
		    port = $imaps_port
		    ssl = yes
		  }
		}
		service stats {
		  chroot =
		  unix_listener stats-writer {
		    mode = 0666
		  }
		}
		namespace inbox {
		  inbox = yes
		  separator = /
		  mailbox Sent {
		    special_use = \Sent
		    auto = subscribe
		  }
		  mailbox Drafts {
		    special_use = \Drafts
		    auto = subscribe
		  }
		}
	CONF
	if [ -n "${IMAP_COMPRESS:-}" ]; then
		printf 'mail_plugins = zlib\nprotocol imap {\n  mail_plugins = zlib imap_zlib\n}\n' >>"$conf"
	fi
	[ -z "${IMAP_CAPABILITY:-}" ] || echo "imap_capability = $IMAP_CAPABILITY" >>"$conf"
	[ -z "${IMAP_EXTRA:-}" ] || printf '%s\n' "$IMAP_EXTRA" >>"$conf"
}

running() {
	[ -s "$dir/run/master.pid" ] && kill -0 "$(cat "$dir/run/master.pid")" 2>/dev/null
}

wait_until() { # wait_until COMMAND...
	i=0
	until "$@"; do
		i=$((i + 1))
		[ $i -lt 600 ] || die "waited in vain for: $*; see $dir/dovecot.log"
		sleep 0.05
	done
}

stopped() { ! running; }

case $1 in
start)
	! running || die "already running in $dir"
	mkdir -p "$dir"
	chmod 755 "$dir"
	user=${IMAP_USER:-bounces@example.org}
	pass=${IMAP_PASS:-secret}
	make_certificates
	tries=0
	until start_at "${IMAP_PORT:-}" "${IMAPS_PORT:-}"; do
		# Somebody else took the port that was free a moment ago.
		tries=$((tries + 1))
		if [ -n "${IMAP_PORT:-}" ] || [ $tries -eq 5 ] || ! grep -q "already in use" "$dir/start.out"; then
			die "Dovecot did not start: $(tail -n 3 "$dir/start.out")"
		fi
	done
	wait_until running
	printf 'IMAP_PORT=%s\nIMAPS_PORT=%s\nIMAP_USER=%s\nIMAP_PASS=%s\nIMAP_CA=%s\nIMAP_MAILDIR=%s\nIMAP_UID=%s\nIMAP_PID=%s\n' \
		"$imap_port" "$imaps_port" "$user" "$pass" "$dir/tls/ca.crt" "$dir/mail/Maildir" "$uid" \
		"$(cat "$dir/run/master.pid")"
	;;
certificates)
	make_certificates
	;;
stop)
	if running; then
		kill "$(cat "$dir/run/master.pid")"
		wait_until stopped
	fi
	;;
*)
	die "usage: dovecot.sh start|stop|certificates DIR"
	;;
esac
