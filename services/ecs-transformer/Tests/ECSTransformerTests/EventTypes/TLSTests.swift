import Testing

@testable import ECSTransformer

@Suite("tls")
struct TLSTests {
    @Test("A handshake with a certificate, and one offered protocol")
    func certificate() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"tls",\#
                "src_ip":"192.168.77.20","src_port":51220,"dest_ip":"203.0.113.80","dest_port":8443,"proto":"TCP",\#
                "pkt_src":"wire/pcap","tls":{"subject":"C=XX, O=Shop, CN=www.shop.example",\#
                "issuerdn":"C=XX, O=Fixture, Authority Ltd, CN=Fixture Authority","serial":"2A:AF:C7",\#
                "fingerprint":"63:0e:7f:97:56:c2:28:41:77:5e:fe:5b:a7:0b:19:d6:9b:db:1b:09",\#
                "sni":"www.shop.example","version":"TLS 1.2","notbefore":"2026-11-21T09:32:50",\#
                "notafter":"2027-11-21T09:32:50","subjectaltname":["www.shop.example","cdn.shop.example"],\#
                "client_alpns":["h2"],"ja3":{"hash":"0149f47eabf9a20d0893e2a44e5a6323","string":"771,4866"},"ja3s":{\#
                "hash":"15af977ce25de452b96affa2addb1036","string":"771,4866,43-51"},\#
                "ja4":"t13d3112h2_e8f1e7e78f70_b26ce05bbdd6"}}
                """#,
            [
                "destination.domain": "www.shop.example", "event.action": "suricata_tls",
                "event.category": #"["network"]"#, "event.kind": "event", "event.type": #"["protocol"]"#,
                "network.direction": "outbound", "network.protocol": "tls", "observer.type": "ids",
                "related.hash":
                    #"["630E7F9756C22841775EFE5BA70B19D69BDB1B09","0149f47eabf9a20d0893e2a44e5a6323","#
                    + #""15af977ce25de452b96affa2addb1036","t13d3112h2_e8f1e7e78f70_b26ce05bbdd6"]"#,
                "related.hosts": #"["www.shop.example","cdn.shop.example"]"#,
                "related.ip": #"["192.168.77.20","203.0.113.80"]"#, "server.domain": "www.shop.example",
                "tls.client.ja3": "0149f47eabf9a20d0893e2a44e5a6323", "tls.client.server_name": "www.shop.example",
                "tls.established": "true", "tls.next_protocol": "h2",
                "tls.server.hash.sha1": "630E7F9756C22841775EFE5BA70B19D69BDB1B09",
                "tls.server.issuer": "C=XX, O=Fixture, Authority Ltd, CN=Fixture Authority",
                "tls.server.ja3s": "15af977ce25de452b96affa2addb1036",
                "tls.server.not_after": "2027-11-21T09:32:50.000000Z",
                "tls.server.not_before": "2026-11-21T09:32:50.000000Z",
                "tls.server.subject": "C=XX, O=Shop, CN=www.shop.example",
                "tls.server.x509.alternative_names": #"["www.shop.example","cdn.shop.example"]"#,
                "tls.server.x509.issuer.common_name": #"["Fixture Authority"]"#,
                "tls.server.x509.issuer.country": #"["XX"]"#,
                "tls.server.x509.issuer.distinguished_name": "C=XX, O=Fixture, Authority Ltd, CN=Fixture Authority",
                "tls.server.x509.issuer.organization": #"["Fixture, Authority Ltd"]"#,
                "tls.server.x509.not_after": "2027-11-21T09:32:50.000000Z",
                "tls.server.x509.not_before": "2026-11-21T09:32:50.000000Z", "tls.server.x509.serial_number": "2AAFC7",
                "tls.server.x509.subject.common_name": #"["www.shop.example"]"#,
                "tls.server.x509.subject.country": #"["XX"]"#,
                "tls.server.x509.subject.distinguished_name": "C=XX, O=Shop, CN=www.shop.example",
                "tls.server.x509.subject.organization": #"["Shop"]"#, "tls.version": "1.2",
                "tls.version_protocol": "tls",
            ])
    }

    @Test("A resumed session, and two offered protocols of which nobody knows which one was taken")
    func resumed() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"tls",\#
                "src_ip":"192.168.77.20","src_port":51220,"dest_ip":"203.0.113.80","dest_port":8443,"proto":"TCP",\#
                "tls":{"sni":"www.shop.example.","version":"TLSv1","session_resumed":true,"client_alpns":["h2",\#
                "http/1.1"],"from_proto":"smtp"}}
                """#,
            [
                "destination.domain": "www.shop.example", "event.action": "suricata_tls",
                "event.category": #"["network"]"#, "event.kind": "event", "event.type": #"["protocol"]"#,
                "network.direction": "outbound", "network.protocol": "tls", "observer.type": "ids",
                "related.hosts": #"["www.shop.example"]"#, "related.ip": #"["192.168.77.20","203.0.113.80"]"#,
                "server.domain": "www.shop.example", "tls.client.server_name": "www.shop.example",
                "tls.established": "true", "tls.resumed": "true", "tls.version": "1.0", "tls.version_protocol": "tls",
            ])
    }

    @Test("Certificates of both sides, names, fingerprints")
    func handshake() throws {
        let event = try map(
            "tls",
            #""tls":{"subject":"C=US, ST=New York, L=New York City, O=Acme U.S.A., INC., OU=x\/y, CN=update.acme.com","#
                + #""issuerdn":"C=US, O=DigiCert Inc, CN=GeoTrust","serial":"0d:CE:DC","#
                + #""fingerprint":"18:3c:11:45:46:e9:26:c7:87:64:0f:ed:47:86:1b:31:bf:0f:84:25","sni":"update.acme.com.","#
                + #""version":"TLS 1.2","notbefore":"2020-11-24T00:00:00","notafter":"2021-12-25T23:59:59","#
                + #""subjectaltname":["update.acme.com","alt.acme.com"],"ja3":{"hash":"44d502d471cfdb99c59bdfb0f220e5a8","#
                + #""string":"771"},"ja3s":{"hash":"adc06261ef82c2e4688b3cf08c1b2f24"},"ja4":"t12i_x","chain":["AA","BB"],"#
                + #""certificate":"AA","session_resumed":true,"client_alpns":["h2","http/1.1"],"server_alpns":["h2"],"#
                + #""client":{"subject":"CN=Jane","serial":"7F","fingerprint":"bad"}}"#)
        expect(
            event,
            [
                "tls.version": "1.2", "tls.version_protocol": "tls", "tls.client.server_name": "update.acme.com",
                "destination.domain": "update.acme.com", "tls.resumed": "true", "tls.established": "true",
                "tls.next_protocol": "h2", "tls.client.ja3": "44d502d471cfdb99c59bdfb0f220e5a8",
                "tls.server.ja3s": "adc06261ef82c2e4688b3cf08c1b2f24",
                "tls.server.hash.sha1": "183C114546E926C787640FED47861B31BF0F8425",
                "tls.server.issuer": "C=US, O=DigiCert Inc, CN=GeoTrust",
                "tls.server.not_before": "2020-11-24T00:00:00.000000Z",
                "tls.server.x509.not_after": "2021-12-25T23:59:59.000000Z",
                "tls.server.x509.serial_number": "0DCEDC", "tls.server.certificate": "AA",
                "tls.server.certificate_chain": #"["AA","BB"]"#,
                "tls.server.x509.alternative_names": #"["update.acme.com","alt.acme.com"]"#,
                "tls.server.x509.subject.common_name": #"["update.acme.com"]"#,
                "tls.server.x509.subject.organization": #"["Acme U.S.A., INC."]"#,
                "tls.server.x509.subject.organizational_unit": #"["x/y"]"#,
                "tls.server.x509.subject.state_or_province": #"["New York"]"#,
                "tls.server.x509.subject.locality": #"["New York City"]"#,
                "tls.server.x509.issuer.country": #"["US"]"#, "tls.client.subject": "CN=Jane",
                "tls.client.x509.subject.common_name": #"["Jane"]"#, "tls.client.x509.serial_number": "7F",
                "tls.client.hash.sha1": nil, "related.hosts": #"["update.acme.com","alt.acme.com"]"#,
                "related.hash":
                    #"["183C114546E926C787640FED47861B31BF0F8425","44d502d471cfdb99c59bdfb0f220e5a8","#
                    + #""adc06261ef82c2e4688b3cf08c1b2f24","t12i_x"]"#,
            ])
    }

    @Test(
        "Versions",
        arguments: [
            ("TLS 1.3", "1.3", "tls"), ("TLSv1", "1.0", "tls"), ("SSLv3", "3", "ssl"), ("UNDETERMINED", nil, nil),
            ("0x7f12", nil, nil), ("", nil, nil), ("TLS 1.3 draft-28", "1.3", "tls"),
        ] as [(String, String?, String?)])
    func versions(_ text: String, _ version: String?, _ name: String?) throws {
        let event = try map("tls", #""tls":{"version":"\#(text)"}"#)
        expect(event, ["tls.version": version, "tls.version_protocol": name, "tls.established": nil])
    }

    @Test(
        "Times of certificates, also those that a count of nanoseconds does not hold",
        arguments: [
            ("2024-01-01T00:00:00", "2024-01-01T00:00:00.000000Z"),
            ("9999-12-31T23:59:59", "9999-12-31T23:59:59.000000Z"),
            ("2262-02-28T00:00:00", "2262-02-28T00:00:00.000000Z"), ("9999-13-31T23:59:59", nil),
            ("9999-12-31 23:59:59", nil), ("0000-01-01T00:00:00", nil), ("99999-12-31T23:59:59", nil), ("never", nil),
        ] as [(String, String?)])
    func times(_ text: String, _ expected: String?) throws {
        let event = try map("tls", #""tls":{"notbefore":"\#(text)","client":{"notafter":"\#(text)"}}"#)
        expect(
            event,
            [
                "tls.server.not_before": expected, "tls.server.x509.not_before": expected,
                "tls.client.not_after": expected, "tls.client.x509.not_after": expected,
            ])
    }
}
