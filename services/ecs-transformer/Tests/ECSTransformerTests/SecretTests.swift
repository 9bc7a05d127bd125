import JSON
import Testing

@testable import ECSTransformer

@Suite("Secrets")
struct SecretTests {
    /// Objects of events that hold secrets (`SECRET` in them), and what the copy in the document has in their place.
    static let objects: [(type: String, object: String, masked: String)] = [
        ("ftp", #"{"command":"PASS","command_data":"SECRET"}"#, #"{"command":"PASS","command_data":"***"}"#),
        ("ftp", #"{"command":"pass","command_data":""}"#, #"{"command":"pass","command_data":"***"}"#),
        ("ftp", #"{"command":"USER","command_data":"anna"}"#, #"{"command":"USER","command_data":"anna"}"#),
        (
            "pop3", #"{"request":{"command":"PASS","args":["SECRET","SECRET"]},"response":{"success":true}}"#,
            #"{"request":{"command":"PASS","args":["***","***"]},"response":{"success":true}}"#
        ),
        (
            "pop3", #"{"request":{"command":"APOP","args":["anna","SECRET"]}}"#,
            #"{"request":{"command":"APOP","args":["anna","***"]}}"#
        ),
        (
            "pop3", #"{"request":{"command":"AUTH","args":["PLAIN","SECRET"]}}"#,
            #"{"request":{"command":"AUTH","args":["PLAIN","***"]}}"#
        ),
        (
            "pop3", #"{"request":{"command":"<SASL DATA>","args":["SECRET"]}}"#,
            #"{"request":{"command":"<SASL DATA>","args":["***"]}}"#
        ),
        ("pop3", #"{"request":{"command":"RETR","args":["1"]}}"#, #"{"request":{"command":"RETR","args":["1"]}}"#),
        ("snmp", #"{"version":1,"community":"SECRET"}"#, #"{"version":1,"community":"***"}"#),
        (
            "mqtt", #"{"connect":{"username":"anna","password":"SECRET","flags":{"password":true}}}"#,
            #"{"connect":{"username":"anna","password":"***","flags":{"password":true}}}"#
        ),
        ("pgsql", #"{"request":{"password":"SECRET"}}"#, #"{"request":{"password":"***"}}"#),
        (
            "ldap",
            #"{"request":{"bind_request":{"name":"cn=a","sasl":{"mechanism":"PLAIN","credentials":"SECRET"}}}}"#,
            #"{"request":{"bind_request":{"name":"cn=a","sasl":{"mechanism":"PLAIN","credentials":"***"}}}}"#
        ),
        (
            "rfb", #"{"authentication":{"vnc":{"challenge":"00","response":"SECRET"}}}"#,
            #"{"authentication":{"vnc":{"challenge":"00","response":"***"}}}"#
        ),
        (
            "sip",
            #"{"uri":"sip:anna:SECRET@post.example","request_line":"REGISTER sip:anna:SECRET@post.example SIP/2.0"}"#,
            #"{"uri":"sip:anna:***@post.example","request_line":"REGISTER sip:anna:***@post.example SIP/2.0"}"#
        ),
        (
            "http",
            #"{"request_headers":[{"name":"Host","value":"a"},{"name":"Authorization","value":"Basic SECRET"}]}"#,
            #"{"request_headers":[{"name":"Host","value":"a"},{"name":"Authorization","value":"Basic ***"}]}"#
        ),
        (
            "http", #"{"request_headers":[{"name":"proxy-authorization","value":"SECRET"}]}"#,
            #"{"request_headers":[{"name":"proxy-authorization","value":"***"}]}"#
        ),
        (
            "http2",
            #"{"url":"/?password=SECRET","request_headers":[{"name":"authorization","value":"Basic SECRET"}]}"#,
            #"{"url":"/?password=***","request_headers":[{"name":"authorization","value":"Basic ***"}]}"#
        ),
        (
            "http", #"{"authorization":"Bearer SECRET","proxy_authorization":"Basic SECRET"}"#,
            #"{"authorization":"Bearer ***","proxy_authorization":"Basic ***"}"#
        ),
        (
            "http", #"{"hostname":"a","url":"/in?user=anna&password=SECRET&b=1"}"#,
            #"{"hostname":"a","url":"/in?user=anna&password=***&b=1"}"#
        ),
        (
            "http", #"{"url":"http://anna:SECRET@a.example/b?c=d","http_refer":"ftp://x:SECRET@b/"}"#,
            #"{"url":"http://anna:***@a.example/b?c=d","http_refer":"ftp://x:***@b/"}"#
        ),
        (
            "http", #"{"http_request_body_printable":"{\"user\":\"anna\",\"password\": \"SECRET\"}"}"#,
            #"{"http_request_body_printable":"{\"user\":\"anna\",\"password\": \"***\"}"}"#
        ),
        (
            "http", #"{"http_response_body_printable":"{\"access_token\":\"SECRET\",\"token_type\":\"bearer\"}"}"#,
            #"{"http_response_body_printable":"{\"access_token\":\"***\",\"token_type\":\"bearer\"}"}"#
        ),
        (
            "http",
            #"{"request_headers":[{"name":"X-Api-Key","value":"SECRET"},{"name":"private-token","value":"SECRET"},"#
                + #"{"name":"Cookie","value":"a=b; token=SECRET"},{"name":"Accept","value":"*/*"}],"#
                + #""response_headers":[{"name":"Link","value":"<http://a/?pw=SECRET>"},"#
                + #"{"name":"Access-Control-Allow-Credentials","value":"true"}]}"#,
            #"{"request_headers":[{"name":"X-Api-Key","value":"***"},{"name":"private-token","value":"***"},"#
                + #"{"name":"Cookie","value":"a=b; token=***"},{"name":"Accept","value":"*/*"}],"#
                + #""response_headers":[{"name":"Link","value":"<http://a/?pw=***"},"#
                + #"{"name":"Access-Control-Allow-Credentials","value":"true"}]}"#
        ),
        (
            "mqtt", #"{"publish":{"topic":"home/set","message":"{\"wifi\":{\"psk\":\"SECRET\",\"pwm\":9}}","qos":0}}"#,
            #"{"publish":{"topic":"home/set","message":"{\"wifi\":{\"psk\":\"***\",\"pwm\":9}}","qos":0}}"#
        ),
        (
            "mqtt",
            #"{"connect":{"username":"hub/?api-version=1&token=SECRET","will":{"message":"pwd=SECRET"},"#
                + #""properties":{"user_properties":[{"key":"api_key","value":"SECRET"},{"key":"a","value":"b"}],"#
                + #""auth-token":"SECRET","receive_maximum":20}}}"#,
            #"{"connect":{"username":"hub/?api-version=1&token=***","will":{"message":"pwd=***"},"#
                + #""properties":{"user_properties":[{"key":"api_key","value":"***"},{"key":"a","value":"b"}],"#
                + #""auth-token":"***","receive_maximum":20}}}"#
        ),
        (
            "websocket", #"{"opcode":"text","payload_printable":"{\"secret\":\"SECRET\"}"}"#,
            #"{"opcode":"text","payload_printable":"{\"secret\":\"***\"}"}"#
        ),
        (
            "websocket", #"{"payload_base64":"\#(base64(Array("token=SECRET&a".utf8)))"}"#,
            #"{"payload_base64":"\#(base64(Array("token=******&a".utf8)))"}"#
        ),
        (
            "fileinfo", #"{"filename":"/in.php?api_key=SECRET&x=1","size":3}"#,
            #"{"filename":"/in.php?api_key=***&x=1","size":3}"#
        ),
        ("files", #"[{"filename":"/in?access_token=SECRET"}]"#, #"[{"filename":"/in?access_token=***"}]"#),
        (
            "ldap",
            #"{"request":{"add_request":{"attributes":[{"name":"userPassword","values":["SECRET"]},"#
                + #"{"name":"cn","values":["anna"]}]},"modify_request":{"changes":[{"modification":"#
                + #"{"attribute_type":"unicodePwd","attribute_values":["SECRET"]}}]}}}"#,
            #"{"request":{"add_request":{"attributes":[{"name":"userPassword","values":["***"]},"#
                + #"{"name":"cn","values":["anna"]}]},"modify_request":{"changes":[{"modification":"#
                + #"{"attribute_type":"unicodePwd","attribute_values":["***"]}}]}}}"#
        ),
        (
            "metadata", #"{"flowbits":["a"],"flowvars":[{"http_password":"SECRET"},{"body":"token=SECRET"}]}"#,
            #"{"flowbits":["a"],"flowvars":[{"http_password":"***"},{"body":"token=***"}]}"#
        ),
    ]

    @Test(
        "Are told by one list of names in URLs, forms, JSON, XML and headers",
        arguments: [
            "api_key", "apikey", "apiKey", "api-key", "X-Api-Key", "token", "access_token", "accessToken",
            "refresh_token",
            "id_token", "client_secret", "clientSecret", "secret", "pw", "pwd", "dbPwd", "pass", "db_pass", "passwd",
            "password", "newPassword2", "user[password]", "user[password_confirmation]", "passphrase", "passcode",
            "psk",
            "wifiPSK", "secret_key", "aws_secret_access_key", "private_key", "auth_key", "shared_key", "Authorization",
        ])
    func names(_ name: String) throws {
        let encoded = name.replacing("[", with: "%5B").replacing("]", with: "%5d")
        for (text, masked) in [
            ("/in?a=b&\(name)=SECRET&c=d", "/in?a=b&\(name)=***&c=d"), ("\(encoded)=SECRET", "\(encoded)=***"),
            ("to=http%3A%2F%2Fa%3F\(encoded)%3DSECRET%26b", "to=http%3A%2F%2Fa%3F\(encoded)%3D***%26b"),
            (#"{"\#(name)" : "SECRET","n":1}"#, #"{"\#(name)" : "***","n":1}"#),
            ("{'\(name)': 'SECRET'}", "{'\(name)': '***'}"),
            (#"{"b":"{\"\#(name)\":\"SEC\\\"RET\"}"}"#, #"{"b":"{\"\#(name)\":\"***\"}"}"#),
            (#"{"\#(name)":["SECRET","SECRET"],"n":[1]}"#, #"{"\#(name)":["***","***"],"n":[1]}"#),
            (#"{"\#(name)":123456,"n":1}"#, #"{"\#(name)":***,"n":1}"#),
            (#"{"\#(name)":null,"n":true}"#, #"{"\#(name)":null,"n":true}"#),
            ("q=%7B%22\(encoded)%22%3A%22SECRET%22%7D", "q=%7B%22\(encoded)%22%3A%22***%22%7D"),
            ("<a><x:\(name) t=\"u\">SECRET</x:\(name)></a>", "<a><x:\(name) t=\"u\">***</x:\(name)></a>"),
            ("A: b\r\n\(name): SECRET\r\n\r\n", "A: b\r\n\(name): ***\r\n\r\n"),
            (
                "form-data; name=\"\(name)\"\r\nContent-Type: a/b\r\n\r\nSECRET\r\n--x",
                "form-data; name=\"\(name)\"\r\nContent-Type: a/b\r\n\r\n***\r\n--x"
            ),
        ] {
            #expect(String(decoding: Self.masked(Array(text.utf8)), as: UTF8.self) == masked)
        }
        let headers = #""request_headers":[{"name":"\#(name)","value":"SECRET"}]"#
        #expect(try map("http", #""http":{\#(headers)}"#).eve.contains(#""value":"***""#))
    }

    @Test(
        "Are not told by names that only look like theirs",
        arguments: [
            "compass=north", "pwm=128", "bypass=1", "passport=7", "spwd", "\"key\":\"a\"", "broken: a", "keyapi=1",
            "secretary=anna", "?tokenizer=a", "secret", "token", "Access: yes", "spf=pass smtp.mailfrom=a", "api=1",
            "a password for all", "<token><a/></token>", "apt=1", "token:", "Password: ", "{\"token\":{\"a\":\"b\"}}",
        ])
    func otherNames(_ text: String) {
        #expect(String(decoding: Self.masked(Array(text.utf8)), as: UTF8.self) == text)
    }

    @Test("Looking for them takes no more than the time of reading", .timeLimit(.minutes(1)))
    func longTexts() {
        for piece in [
            "token%3d", "token", "token.", "<token ", "\"token\":[", "\"token\\", "pass=", "authorization:",
            "name=\"token\"",
            "token=&", "passwordx", "psk\"", "token:", "\\", "%22token%22%3a%22",
        ] {
            _ = Self.masked(Array(String(repeating: piece, count: (1 << 15) / piece.utf8.count).utf8))
        }
    }

    @Test("Are masked in the copy of the event and in no field", arguments: objects.indices)
    func inObjects(_ index: Int) throws {
        let (type, object, masked) = Self.objects[index]
        let event = try map(type, "\"\(type)\":\(object)")
        #expect(event.eve.contains("\"\(type)\":\(masked)"), "\(event.eve)")
        #expect(!event.document.contains("SECRET"))
        let alert = try map("alert", "\"alert\":{\"signature\":\"s\"},\"\(type)\":\(object)")
        #expect(alert.eve.contains("\"\(type)\":\(masked)") && !alert.document.contains("SECRET"))
    }

    @Test("Are left alone on request, also in the copy", arguments: objects.indices)
    func kept(_ index: Int) throws {
        var settings = MappingSettings()
        settings.masksSecrets = false
        let (type, object, _) = Self.objects[index]
        #expect(try map(type, "\"\(type)\":\(object)", settings: settings).eve.contains("\"\(type)\":\(object)"))
    }

    @Test("Are not in the original either")
    func original() throws {
        var settings = MappingSettings()
        settings.keepsOriginal = true
        let members = #""ftp":{"command":"PASS","command_data":"SECRET"}"#
        let event = try map("ftp", members, settings: settings)
        #expect(event["event.original"]?.contains(#""command_data":"***""#) ?? false)
        #expect(!event.document.contains("SECRET"))
        settings.masksSecrets = false
        #expect(try map("ftp", members, settings: settings)["event.original"]?.contains("SECRET") ?? false)
    }

    @Test("Are masked where lines had to be put right first")
    func unusualLines() throws {
        let line = #"{"event_type":"ftp","a":1,"a":2,"ftp":{"command":"PASS","command_data":"SECRET"}}"#
        for part in try mapParts(Array("\u{0}\(line)\(line)".utf8)) {
            guard case .event(let event, _) = part else { continue }
            #expect(event["tags"]?.contains("duplicate_keys_removed") ?? false)
            #expect(!event.document.contains("SECRET"))
        }
    }

    /// What was sent, and what is left of it.
    static let sent: [(String, String)] = [
        ("PASS SECRET\r\n", "PASS ***\r\n"),
        ("USER anna\r\nPASS SEC RET\r\nSYST\r\n", "USER anna\r\nPASS ***\r\nSYST\r\n"),
        ("APOP anna SECRET\r\n", "APOP anna ***\r\n"),
        ("AUTH PLAIN SECRET\r\nMAIL FROM:<a@b>\r\n", "AUTH PLAIN ***\r\nMAIL FROM:<a@b>\r\n"),
        (
            "EHLO x\r\nAUTH LOGIN\r\nYW5uYQ==\r\nU0VDUkVU\r\nDATA x\r\n",
            "EHLO x\r\nAUTH LOGIN\r\n***\r\n***\r\nDATA x\r\n"
        ),
        ("AUTH TLS\r\nPBSZ 0\r\n", "AUTH TLS\r\nPBSZ 0\r\n"), ("a1 LOGIN anna SECRET\r\n", "a1 LOGIN anna ***\r\n"),
        (#"a1 LOGIN "an na" "SECRET""#, #"a1 LOGIN "an na" ***"#),
        ("b AUTHENTICATE PLAIN SECRET\r\n", "b AUTHENTICATE PLAIN ***\r\n"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nauthorization: Basic SECRET\r\nProxy-Authorization: SECRET\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nauthorization: Basic ***\r\nProxy-Authorization: ***\r\n\r\n"
        ),
        ("user=anna&password=SECRET", "user=anna&password=***"), ("pwd=SECRET&x", "pwd=***&x"),
        ("a=b&user%5Bpassword%5D=SECRET;c", "a=b&user%5Bpassword%5D=***"),
        ("?newPassword2=SECRET", "?newPassword2=***"),
        ("compass=north", "compass=north"), ("by the password=", "by the password="), ("passport=7", "passport=7"),
        (#"{"passwd" : "SEC\"RET", "n":1}"#, #"{"passwd" : "***", "n":1}"#), (#""password":null"#, #""password":null"#),
        (
            "form-data; name=\"password\"\r\n\r\nSECRET\r\n--x", "form-data; name=\"password\"\r\n\r\n***\r\n--x"
        ),
        ("see http://anna:SEC@RET@host/ and http://host:80/a@b", "see http://anna:***@host/ and http://host:80/a@b"),
        ("sips:anna:SECRET@post.example;x", "sips:anna:***@post.example;x"),
        ("sip:anna@post:5060", "sip:anna@post:5060"),
        ("331 Password required for anna\r\n", "331 Password required for anna\r\n"), ("PASS", "PASS"),
        ("PASS ", "PASS "),
        ("Login as anna, please\r\n", "Login as anna, please\r\n"), ("authors: a, b", "authors: a, b"),
        ("0)\u{2}\u{1}\u{0}\u{4}\u{6}SECRET", "0)\u{2}\u{1}\u{0}\u{4}\u{6}SECRET"),
    ]

    @Test("Are found in what was sent", arguments: sent.indices)
    func inText(_ index: Int) {
        let (text, masked) = Self.sent[index]
        #expect(String(decoding: Self.masked(Array(text.utf8)), as: UTF8.self) == masked)
        // The same behind the start of a line, at any place among the lanes that are looked at together.
        for count in 0..<18 {
            let padding = String(repeating: "-", count: count) + "\n"
            #expect(String(decoding: Self.masked(Array((padding + text).utf8)), as: UTF8.self) == padding + masked)
        }
    }

    /// Logins of protocols that are no text, with the secret between.
    static let binary: [(front: [UInt8], secret: String, back: [UInt8])] = [
        // SNMP 2c
        ([0x30, 0x0F, 2, 1, 1, 4, 6], "public", [0xA0, 0x02, 5, 0]),
        // LDAP
        ([0x30, 0x16, 2, 1, 1, 0x60, 0x11, 2, 1, 3, 4, 4] + Array("cn=a".utf8) + [0x80, 6], "SECRET", []),
        // MQTT 3.1.1 with a name, MQTT 5 with a will and properties, MQTT 3.1
        (
            [0x10, 26, 0, 4] + Array("MQTT".utf8) + [4, 0xC2, 0, 60, 0, 1, 0x63, 0, 4] + Array("anna".utf8) + [0, 6],
            "SECRET", []
        ),
        (
            [0x10, 40, 0, 4] + Array("MQTT".utf8) + [
                5, 0xC6, 0, 60, 1, 0x21, 0, 1, 0x63, 0, 0, 1, 0x74, 0, 1, 0x70, 0, 1,
            ]
                + [0x61, 0, 6], "SECRET", [0xC0, 0]
        ),
        ([0x10, 26, 0, 6] + Array("MQIsdp".utf8) + [3, 0xC2, 0, 60, 0, 1, 0x63, 0, 1, 0x61, 0, 6], "SECRET", []),
        // PostgreSQL
        ([0x70, 0, 0, 0, 11], "SECRET\0", []),
    ]

    @Test("Are found in binary logins, in payloads and in packets", arguments: binary.indices)
    func inBytes(_ index: Int) throws {
        let (front, secret, back) = Self.binary[index]
        let payload = front + Array(secret.utf8) + back
        #expect(Self.masked(payload) == front + Array("***".utf8) + back)
        let head = [UInt8](repeating: 0x45, count: 54)
        #expect(Self.masked(head + payload, isPacket: true) == head + front + Array("***".utf8) + back)
        let stars = [UInt8](repeating: UInt8(ascii: "*"), count: secret.utf8.count)
        for count in payload.indices { _ = Self.masked(Array(payload[..<count])) }

        let printable = String(decoding: payload.map { 0x20..<0x7F ~= $0 ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
        let event = try map(
            "alert",
            #""payload":"\#(Self.base64(payload))","payload_printable":\#(Self.quoted(printable)),"#
                + #""packet":"\#(Self.base64(head + payload))","frame":{"payload":"\#(Self.base64(payload))"}"#)
        #expect(!event.document.contains(secret))
        #expect(event.eve.contains(#""packet":"\#(Self.base64(head + front + stars + back))""#))
        #expect(event.eve.contains(#""frame":{"payload":"\#(Self.base64(front + stars + back))""#))
    }

    @Test("Are found in a packet by what the payload says")
    func packetOfPayload() throws {
        let head = [UInt8](repeating: 0x45, count: 54)
        let payload = Self.base64(Array("EHLO x\r\nAUTH LOGIN\r\nYW5uYQ==\r\nU0VDUkVU\r\n".utf8))
        let packet = Self.base64(head + Array("U0VDUkVU\r\n".utf8))
        let event = try map("alert", #""packet":"\#(packet)","payload":"\#(payload)""#)
        #expect(event.eve.contains(#""packet":"\#(Self.base64(head + Array("********\r\n".utf8)))""#))
        #expect(try map("alert", #""packet":"\#(packet)""#).eve.contains(packet))
    }

    @Test("Of base 64, all lengths come back", arguments: 0..<20)
    func base64(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
        var decoded: [UInt8] = []
        #expect(Array(Self.base64(bytes).utf8).withUnsafeBytes { Base64.decode($0, into: &decoded) })
        #expect(decoded == bytes)
    }

    @Test("What is no base 64 is looked at as text", arguments: ["PASS SECRET", "====", "a", "QUJ?", "A=BC"])
    func notBase64(_ text: String) throws {
        let event = try map("alert", #""payload":"\#(text)""#)
        #expect(event.eve.contains(#""payload":"\#(text == "PASS SECRET" ? "PASS ***" : text)""#))
    }

    private static func masked(_ bytes: [UInt8], isPacket: Bool = false) -> [UInt8] {
        var sent = SentSecrets()
        bytes.withUnsafeBytes { sent.find(in: $0, isPacket: isPacket) }
        var masked = bytes
        for range in sent.ranges.reversed() { masked.replaceSubrange(range, with: Array("***".utf8)) }
        return masked
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        bytes.withUnsafeBytes { Base64.append($0, to: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func quoted(_ text: String) -> String {
        var json: [UInt8] = []
        JSONText.appendQuoted(text, to: &json)
        return String(decoding: json, as: UTF8.self)
    }
}
