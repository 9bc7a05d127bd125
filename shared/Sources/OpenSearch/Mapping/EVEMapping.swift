import JSON

/// The types by which `suricata.eve.*`, the event as Suricata wrote it, can be searched.
///
/// - The members that Suricata 7 and 8 are known to write have a type, where a type is worth a field.
/// - Objects with open keys, or with many that are seldom asked for, are one `flat_object` each: any name below is found
///   by its value.
/// - A member of the event that is not known here becomes one more field, an object a `flat_object` and anything else a
///   keyword: so the protocols of a later Suricata are found by name. Below the known objects nothing is added.
///
/// A document that does not fit this is stored with the event unindexed, under ``unindexedName``.
public enum EVEMapping {
    /// The member of `suricata` under which an event is kept and not looked into.
    public static let unindexedName = "eve_unindexed"

    /// The field types of the component template.
    static var properties: FieldTree {
        var root = FieldTree()
        root.add("suricata.signature", .keyword)
        root.add("suricata.severity", .long)
        root.add("suricata.\(unindexedName)", .disabled)
        root.add(fields, below: "suricata.eve.")
        root.makeDynamic("suricata.eve")
        return root
    }

    /// Writes the types of members of the event that are not known here.
    static func writeDynamicTemplates(to json: inout JSONWriter) {
        let templates = [("eve_objects", "object", FieldType.flatObject), ("eve_values", "*", FieldType.keyword)]
        for (name, type, mapping) in templates {
            json.object { json in
                json.object(name) { json in
                    json.member("path_match", "suricata.eve.*")
                    json.member("match_mapping_type", type)
                    json.member("mapping", mapping)
                }
            }
        }
    }

    private static let fields: [(FieldType, String)] = [
        (
            .keyword,
            """
            app_proto app_proto_expected app_proto_orig app_proto_tc app_proto_ts capture_file community_id
            direction event_type flow_id host in_iface log_level parent_id pcap_filename pkt_src proto
            suricata_version tc_progress ts_progress xff alert.action alert.category alert.engine alert.references
            alert.signature alert.xff anomaly.app_proto anomaly.event anomaly.layer anomaly.type dhcp.client_id
            dhcp.client_mac dhcp.dhcp_type dhcp.hostname dhcp.params dhcp.type dhcp.vendor_class_identifier
            dns.additionals.rrname dns.additionals.rrtype dns.answers.rrname dns.answers.rrtype
            dns.authorities.rrname dns.authorities.rrtype dns.flags dns.queries.rrname dns.queries.rrtype dns.rcode
            dns.rrname dns.rrtype dns.type email.attachment email.body_md5 email.cc email.date email.from
            email.message_id email.reply_to email.status email.subject email.subject_md5 email.to email.x_mailer
            engine.error engine.module engine.thread_name ether.dest_mac ether.dest_macs ether.src_mac
            ether.src_macs fileinfo.magic fileinfo.md5 fileinfo.mimetype fileinfo.sha1 fileinfo.sha256
            fileinfo.state files.magic files.md5 files.mimetype files.sha1 files.sha256 files.state firewall.hook
            firewall.policy flow.action flow.bypass flow.reason flow.state frame.direction frame.type ftp.command
            ftp.completion_code ftp.mode ftp.reply_received ftp_data.command http.accept http.accept_encoding
            http.accept_language http.authorization http.cache_control http.connection http.content_encoding
            http.content_language http.content_type http.date http.dnt http.etag http.from http.hostname
            http.http_content_type http.http_method http.last_modified http.org_src_ip http.origin http.pragma
            http.protocol http.proxy_authorization http.server http.status_string http.true_client_ip http.upgrade
            http.vary http.version http.via http.x_authenticated_user http.x_bluecoat_via http.x_forwarded_proto
            http.x_requested_with http.xff krb5.cname krb5.encryption krb5.error_code krb5.failed_request
            krb5.msg_type krb5.realm krb5.sname krb5.ticket_encryption metadata.flowbits nfs.hhash nfs.procedure
            nfs.rename.from nfs.rename.to nfs.status nfs.type ntp.reference_id packet_info.linktype_name
            pop3.request.command pop3.response.status quic.cyu.hash quic.ja3.hash quic.ja3s.hash quic.ja4 quic.sni
            quic.version rdp.channels rdp.cookie rdp.event_type rpc.auth_type rpc.creds.machine_name rpc.status
            sip.code sip.method sip.reason sip.version smb.access smb.client_dialects smb.client_guid smb.command
            smb.dialect smb.disposition smb.fuid smb.function smb.named_pipe smb.server_guid smb.share_type
            smb.status smb.status_code smtp.helo smtp.mail_from smtp.rcpt_to snmp.community snmp.pdu_type
            snmp.trap_oid snmp.trap_type snmp.usm snmp.vars ssh.client.hassh.hash ssh.client.proto_version
            ssh.client.software_version ssh.server.hassh.hash ssh.server.proto_version ssh.server.software_version
            tcp.state tcp.tcp_flags tcp.tcp_flags_tc tcp.tcp_flags_ts tftp.file tftp.mode tftp.packet
            tls.client.fingerprint tls.client.issuerdn tls.client.serial tls.client.subject tls.client_alpns
            tls.client_handshake.version tls.fingerprint tls.from_proto tls.issuerdn tls.ja3.hash tls.ja3s.hash
            tls.ja4 tls.serial tls.server_alpns tls.server_handshake.version tls.sni tls.subject tls.subjectaltname
            tls.version verdict.action verdict.reject verdict.reject-target websocket.opcode
            """
        ),
        (
            .longKeyword,
            """
            alert.rule dns.additionals.rdata dns.answers.rdata dns.authorities.rdata email.received email.url
            fileinfo.filename files.filename ftp.command_data ftp.reply ftp_data.filename http.cookie
            http.http_refer http.http_user_agent http.link http.location http.redirect http.set_cookie http.url
            nfs.filename pop3.request.args pop3.response.data pop3.response.header quic.cyu.string quic.ja3.string
            quic.ja3s.string quic.ua sip.request_line sip.response_line sip.uri smb.directory smb.filename smb.share
            ssh.client.hassh.string ssh.server.hassh.string tls.ja3.string tls.ja3s.string
            """
        ),
        (
            .text,
            """
            payload_printable engine.message frame.payload_printable http.http_request_body_printable
            http.http_response_body_printable websocket.payload_printable
            """
        ),
        (
            .ip,
            """
            dest_ip src_ip alert.source.ip alert.target.ip dhcp.assigned_ip dhcp.client_ip dhcp.dns_servers
            dhcp.next_server_ip dhcp.relay_ip dhcp.requested_ip dhcp.routers dhcp.subnet_mask flow.dest_ip
            flow.src_ip snmp.trap_address
            """
        ),
        (
            .long,
            """
            dest_port icmp_code icmp_type ip_v payload_length pcap_cnt response_icmp_code response_icmp_type spi
            src_port stream tx_id vlan alert.gid alert.rev alert.severity alert.signature_id alert.source.port
            alert.target.port anomaly.code dhcp.id dhcp.lease_time dhcp.rebinding_time dhcp.renewal_time
            dns.additionals.ttl dns.answers.ttl dns.authorities.ttl dns.id dns.opcode dns.tx_id dns.version
            engine.error_code ether.ether_type fileinfo.end fileinfo.file_id fileinfo.sid fileinfo.size
            fileinfo.start fileinfo.tx_id files.end files.file_id files.sid files.size files.start files.tx_id
            flow.age flow.bytes_toclient flow.bytes_toserver flow.dest_port flow.pkts_toclient flow.pkts_toserver
            flow.src_port flow.tx_cnt frame.id frame.length frame.stream_offset frame.tx_id ftp.dynamic_port
            http.content_length http.http_port http.length http.status netflow.age netflow.bytes netflow.max_ttl
            netflow.min_ttl netflow.pkts netflow.tx_cnt nfs.id nfs.read.chunks nfs.version nfs.write.chunks ntp.mode
            ntp.stratum ntp.version packet_info.linktype rdp.tx_id rpc.creds.gid rpc.creds.uid rpc.xid smb.accessed
            smb.changed smb.created smb.id smb.max_read_size smb.max_write_size smb.modified smb.session_id smb.size
            smb.tree_id snmp.version tcp.tc_max_regions tcp.ts_max_regions tls.client_handshake.ciphers
            tls.client_handshake.exts tls.client_handshake.sig_algs tls.server_handshake.cipher
            tls.server_handshake.exts websocket.mask
            """
        ),
        (
            .boolean,
            """
            tx_guessed dns.aa dns.qr dns.ra dns.rd dns.tc dns.z email.has_exe_url email.has_ipv4_url
            email.has_ipv6_url fileinfo.gaps fileinfo.stored files.gaps files.stored flow.alerted frame.complete
            ftp.command_truncated ftp.reply_truncated krb5.ticket_weak_encryption krb5.weak_encryption nfs.file_tx
            pop3.response.success tcp.ack tcp.cwr tcp.ecn tcp.fin tcp.psh tcp.rst tcp.syn tcp.tc_gap tcp.ts_gap
            tcp.urg tls.session_resumed websocket.fin
            """
        ),
        (
            .date,
            """
            timestamp alert.created_at alert.updated_at flow.end flow.start netflow.end netflow.start
            tls.client.notafter tls.client.notbefore tls.notafter tls.notbefore
            """
        ),
        (
            .notIndexed,
            """
            packet payload frame.payload http.http_request_body http.http_response_body tls.certificate tls.chain
            tls.client.certificate tls.client.chain websocket.payload_base64
            """
        ),
        (
            .flatObject,
            """
            alert.context alert.metadata arp bittorrent_dht dcerpc dnp3 dns.additionals.opt dns.additionals.soa
            dns.answer dns.answers.soa dns.answers.srv dns.answers.sshfp dns.authorities.soa dns.grouped dns.query
            doh2 drop enip flow.bypassed flow.exception_policy http.content_range http.http2 http.request_headers
            http.response_headers ike ikev2 imap ldap llmnr mdns metadata.entropy metadata.flowints
            metadata.flowvars metadata.pktvars modbus mqtt pgsql quic.extensions rdp.client rfb sip.sdp smb.dcerpc
            smb.kerberos smb.ntlmssp smb.request smb.response smb.service stats stream_tcp telnet template tunnel
            vars
            """
        ),
    ]
}
