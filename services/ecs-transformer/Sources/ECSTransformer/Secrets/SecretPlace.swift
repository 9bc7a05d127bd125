/// A place where Suricata writes what only the two ends should know.
struct SecretPlace: Sendable {
    /// How much of the value is secret.
    enum Form: Sendable {
        /// All of it.
        case whole
        /// What follows the name of the scheme: `Basic YW5uYTpzZWNyZXQ=`.
        case credentials
        /// Passwords in text that was sent: in URLs, forms, JSON, headers and commands (`SentSecrets`).
        case text
        /// All of it where the member of this name beside it, or without one its own key, is a `SecretName`; else as text.
        case named(by: StaticString?)
        /// As in text, in bytes that stand as base 64, whose number stays.
        case base64
        /// The same in base 64 that starts with the heads of a packet.
        case packet
        /// The same in text that has one character for each byte of `payload` beside it.
        case printable
    }

    /// The members from the top of the event on, with dots between them; `[]` stands for each element of an array, `*` for
    /// all members that no other line names.
    var path: String
    var form: Form
    /// A member beside the first one of the path that the object has...
    var sibling: StaticString?
    /// ... and which values of it make the place a secret one, in lower case.
    var values: [StaticString] = []
    /// How many elements at the front of the array are not secret.
    var skipped = 0

    private init(_ path: String, _ form: Form) {
        self.path = path
        self.form = form
    }

    private init(
        _ path: String, _ form: Form = .whole, where sibling: StaticString, is values: StaticString..., skipped: Int = 0
    ) {
        self.path = path
        self.form = form
        self.sibling = sibling
        self.values = values
        self.skipped = skipped
    }

    /// All places. Of several lines with the same path, the first one whose values fit counts.
    static let all =
        others + ["http", "http2"].flatMap(ofRequest(in:))
        + ["connect", "connect.will", "publish"].flatMap(ofMQTT(in:))

    private static let others: [SecretPlace] = [
        SecretPlace("email.url[]", .text),
        SecretPlace("fileinfo.filename", .text),
        SecretPlace("files[].filename", .text),
        SecretPlace("frame.payload", .base64),
        SecretPlace("frame.payload_printable", .printable),
        SecretPlace("ftp.command_data", where: "command", is: "pass", "acct"),
        SecretPlace("ldap.request.bind_request.sasl.credentials", .whole),
        SecretPlace("ldap.request.add_request.attributes[].values[]", .named(by: "name")),
        SecretPlace("ldap.request.compare_request.attribute_value_assertion.value", .named(by: "description")),
        SecretPlace(
            "ldap.request.modify_request.changes[].modification.attribute_values[]", .named(by: "attribute_type")),
        SecretPlace("ldap.responses[].search_result_entry.attributes[].values[]", .named(by: "type")),
        SecretPlace("metadata.flowvars[].*", .named(by: nil)),
        SecretPlace("metadata.pktvars[].*", .named(by: nil)),
        SecretPlace("mqtt.auth.properties.authentication_data", .whole),
        SecretPlace("mqtt.connack.properties.authentication_data", .whole),
        SecretPlace("mqtt.connect.password", .whole),
        SecretPlace("mqtt.connect.properties.authentication_data", .whole),
        SecretPlace("mqtt.connect.username", .text),
        SecretPlace("packet", .packet),
        SecretPlace("payload", .base64),
        SecretPlace("payload_printable", .printable),
        SecretPlace("pgsql.request.password", .whole),
        SecretPlace("pgsql.request.sasl_response", .whole),
        SecretPlace("pgsql.response.authentication_sasl_final", .whole),
        SecretPlace("pop3.request.args[]", where: "command", is: "pass", "<sasl data>"),
        SecretPlace("pop3.request.args[]", where: "command", is: "apop", "auth", skipped: 1),
        SecretPlace("pop3.response.data[]", .text),
        SecretPlace("rfb.authentication.vnc.response", .whole),
        SecretPlace("sip.request_line", .text),
        SecretPlace("sip.sdp.encryption_key", .whole),
        SecretPlace("sip.sdp.uri", .text),
        SecretPlace("sip.sdp.media_descriptions[].encryption_key", .whole),
        SecretPlace("sip.uri", .text),
        SecretPlace("snmp.community", .whole),
        SecretPlace("websocket.payload_base64", .base64),
        SecretPlace("websocket.payload_printable", .text),
    ]

    /// What a message holds, in the object of this name.
    private static func ofMQTT(in message: String) -> [SecretPlace] {
        [
            SecretPlace("mqtt.\(message).message", .text),
            SecretPlace("mqtt.\(message).properties.*", .named(by: nil)),
            SecretPlace("mqtt.\(message).properties.user_properties[].value", .named(by: "key")),
            SecretPlace("mqtt.\(message).topic", .text),
        ]
    }

    /// What a request holds, in the object of this name.
    private static func ofRequest(in http: String) -> [SecretPlace] {
        [
            SecretPlace("\(http).authorization", .credentials),
            SecretPlace("\(http).http_refer", .text),
            SecretPlace("\(http).http_request_body", .base64),
            SecretPlace("\(http).http_request_body_printable", .text),
            SecretPlace("\(http).http_response_body", .base64),
            SecretPlace("\(http).http_response_body_printable", .text),
            SecretPlace("\(http).proxy_authorization", .credentials),
            SecretPlace("\(http).redirect", .text),
            SecretPlace("\(http).request_headers[].value", .named(by: "name")),
            SecretPlace("\(http).response_headers[].value", .named(by: "name")),
            SecretPlace("\(http).url", .text),
        ]
    }
}
