import Testing

@testable import ECSTransformer

@Suite("fileinfo")
struct FileinfoTests {
    @Test("Over HTTP/2, from the server")
    func overHTTP2() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"fileinfo",\#
                "src_ip":"203.0.113.80","src_port":8080,"dest_ip":"192.168.77.20","dest_port":43320,"proto":"TCP",\#
                "pkt_src":"wire/pcap","http":{"version":"2","request_headers":[{"name":":method","value":"GET"},{\#
                "name":":scheme","value":"http"},{"name":":authority","value":"www.shop.example:8080"}],\#
                "response_headers":[{"name":":status","value":"200"},{"name":"content-type",\#
                "value":"text/html; charset=utf-8"}],"url":"/a/index.html","http_user_agent":"nghttp2/1.52.0",\#
                "status":200,"length":53,"http_method":"GET","http2":{"stream_id":13,"request":{"priority":15},\#
                "response":{}}},"app_proto":"http2","fileinfo":{"filename":"/a/index.html",\#
                "magic":"HTML document, ASCII text","gaps":false,"state":"CLOSED",\#
                "md5":"cf2738eb6a370cb7f10a952adf7b2add","sha1":"c47ae0029443fd99d214abde9bc4c617fb00b8ab",\#
                "stored":false,"size":53,"tx_id":6}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_fileinfo", "event.category": #"["network","file"]"#, "event.kind": "event",
                "event.type": #"["info"]"#, "file.extension": "html",
                "file.hash.md5": "cf2738eb6a370cb7f10a952adf7b2add",
                "file.hash.sha1": "c47ae0029443fd99d214abde9bc4c617fb00b8ab", "file.name": "index.html",
                "file.path": "/a/index.html", "file.size": "53", "http.request.method": "GET",
                "http.response.body.bytes": "53", "http.response.mime_type": "text/html",
                "http.response.status_code": "200", "http.version": "2", "network.application": "http2",
                "network.direction": "inbound", "network.protocol": "http", "observer.type": "ids",
                "related.hash": #"["cf2738eb6a370cb7f10a952adf7b2add","c47ae0029443fd99d214abde9bc4c617fb00b8ab"]"#,
                "related.hosts": #"["www.shop.example"]"#, "related.ip": #"["203.0.113.80","192.168.77.20"]"#,
                "server.domain": "www.shop.example", "source.domain": "www.shop.example",
                "url.domain": "www.shop.example", "url.extension": "html",
                "url.full": "http://www.shop.example:8080/a/index.html", "url.original": "/a/index.html",
                "url.path": "/a/index.html", "url.port": "8080", "url.scheme": "http",
                "user_agent.original": "nghttp2/1.52.0",
            ])
    }

    @Test("In a mail, to the server")
    func inMail() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"fileinfo",\#
                "src_ip":"192.168.77.20","src_port":43320,"dest_ip":"203.0.113.25","dest_port":25,"proto":"TCP",\#
                "smtp":{"helo":"laptop.home.example","mail_from":"<anna@home.example>",\#
                "rcpt_to":["<bert@shop.example>"]},"email":{"status":"PARSE_DONE","subject":"Photos",\#
                "attachment":["me.jpg"]},"app_proto":"smtp","fileinfo":{"filename":"me.jpg","mimetype":"image/jpeg",\#
                "sid":[1,2],"gaps":false,"state":"CLOSED",\#
                "sha256":"fe14f3a29f12a6678f2d62fead9899d527d8a40cd12c5471bb1080397abd162c","stored":true,\#
                "file_id":7,"size":2048,"tx_id":0}}
                """#,
            [
                "email.attachments": #"[{"file":{"name":"me.jpg"}}]"#, "email.sender.address": "anna@home.example",
                "email.subject": "Photos", "email.to.address": #"["bert@shop.example"]"#,
                "event.action": "suricata_fileinfo", "event.category": #"["network","file"]"#, "event.kind": "event",
                "event.type": #"["info"]"#, "file.extension": "jpg",
                "file.hash.sha256": "fe14f3a29f12a6678f2d62fead9899d527d8a40cd12c5471bb1080397abd162c",
                "file.mime_type": "image/jpeg", "file.name": "me.jpg", "file.size": "2048",
                "network.direction": "outbound", "network.protocol": "smtp", "observer.type": "ids",
                "related.hash": #"["fe14f3a29f12a6678f2d62fead9899d527d8a40cd12c5471bb1080397abd162c"]"#,
                "related.hosts": #"["laptop.home.example","home.example","shop.example"]"#,
                "related.ip": #"["192.168.77.20","203.0.113.25"]"#,
                "related.user": #"["anna@home.example","bert@shop.example"]"#,
            ])
    }

    @Test("Name, hashes and type; the port tells that the server sent it")
    func file() throws {
        let event = try map(
            #"{"timestamp":"2026-02-01T12:34:56.123456+0000","event_type":"fileinfo","src_ip":"81.2.69.143","#
                + #""src_port":8008,"dest_ip":"192.168.1.5","dest_port":56118,"proto":"TCP","http":{"#
                + #""hostname":"files.example","url":"\/a\/b.tar.gz"},"fileinfo":{"filename":"\/a\/b.tar.gz","#
                + #""magic":"gzip compressed data","mimetype":"application\/gzip","md5":"427b7337ff37eeb24d74f47d8e04cf21","#
                + #""sha1":"313573490192c685e9e53abef25453ed0d5e2aee","sha256":"not a hash","size":1071,"#
                + #""stored":false}}"#)
        expect(
            event,
            [
                "event.category": #"["network","file"]"#, "event.type": #"["info"]"#, "file.path": "/a/b.tar.gz",
                "file.name": "b.tar.gz", "file.extension": "gz", "file.size": "1071",
                "file.hash.md5": "427b7337ff37eeb24d74f47d8e04cf21",
                "file.hash.sha1": "313573490192c685e9e53abef25453ed0d5e2aee", "file.hash.sha256": nil,
                "related.hash": #"["427b7337ff37eeb24d74f47d8e04cf21","313573490192c685e9e53abef25453ed0d5e2aee"]"#,
                "source.domain": "files.example", "server.ip": "81.2.69.143", "client.port": "56118",
            ])
        #expect(event.eve.contains(#""url":"\/a\/b.tar.gz""#))
    }

    @Test(
        "Names of all kinds",
        arguments: [
            ("x", nil, "x", nil), ("x.EXE", nil, "x.EXE", "EXE"), ("/", "/", nil, nil),
            (".bashrc", nil, ".bashrc", nil),
            (#"a\\b.c"#, #"a\b.c"#, "b.c", "c"), ("a/b.c?d=e f", "a/b.c?d=e f", "b.c?d=e f", nil),
            ("", nil, nil, nil), (#"a\"b.txt"#, nil, #"a"b.txt"#, "txt"),
        ] as [(String, String?, String?, String?)])
    func names(_ name: String, _ path: String?, _ last: String?, _ ending: String?) throws {
        let event = try map("fileinfo", #""fileinfo":{"filename":"\#(name)"}"#)
        expect(event, ["file.path": path, "file.name": last, "file.extension": ending])
    }
}
