/* catalogue.c - the catalogue of findings: severity, Windows error and texts of each
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/catalogue.h"

#include "windows_error.h"

const finding_description_t finding_catalogue[FINDING_COUNT] = {
    [FINDING_NAME_NOT_FOUND] =
        {
            .slug = "name_not_found",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_WSAHOST_NOT_FOUND,
            .title = "name not found",
            .look_at = "DNS",
            .summary = "The name of the DirectAccess server does not exist in DNS (NXDOMAIN).",
            .cause = "The public DNS zone has no record for the host name in the client's IP-HTTPS URL, or the client "
                     "asked a DNS server that does not see the public zone.",
            .next_step = "Compare ServerURL in Get-NetIPHttpsConfiguration with the public zone, and run "
                         "Resolve-DnsName for that host on the client, with -Server set to a public resolver as well.",
            .reference = "RFC 1035 section 4.1.1",
        },
    [FINDING_NAME_WITHOUT_ADDRESS] =
        {
            .slug = "name_without_address",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_WSANO_DATA,
            .title = "name without address",
            .look_at = "DNS",
            .summary = "The DNS answer for the DirectAccess server's name holds no address of the server.",
            .cause = "The name exists, but only with records of other types, or it is an alias whose target has "
                     "neither an A nor an AAAA record.",
            .next_step = "Add an A record with the public address of the server or load balancer, and check it on the "
                         "client with Resolve-DnsName NAME -Type A.",
            .reference = "RFC 2308 section 2.2",
        },
    [FINDING_NAME_LOOKUP_FAILED] =
        {
            .slug = "name_lookup_failed",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_WSAHOST_NOT_FOUND,
            .title = "name lookup failed",
            .look_at = "DNS",
            .summary = "The client's DNS server gave no usable answer for the DirectAccess server's name.",
            .cause = "The DNS server cannot reach the zone's name servers (SERVFAIL), does not serve this client "
                     "(REFUSED), or a firewall drops its port 53.",
            .next_step = "Run Resolve-DnsName NAME -Server ADDRESS against the client's DNS server and a public one; "
                         "where only the former fails, correct its forwarders or the firewall before it.",
            .reference = "RFC 1035 section 4.1.1",
        },
    [FINDING_CONNECT_TIMEOUT] =
        {
            .slug = "connect_timeout",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_WSAETIMEDOUT,
            .title = "no answer to SYN",
            .look_at = "firewall or NAT",
            .summary = "The client sent its SYN three times and nothing at the DirectAccess server's address "
                       "answered.",
            .cause = "A firewall drops TCP 443 on the way, the NAT rule or load balancer does not forward it, or the "
                     "DNS record names an address that nobody uses.",
            .next_step = "Run Test-NetConnection NAME -Port 443 from another network, then look for the SYN on the "
                         "edge firewall, the NAT rule and the load balancer's virtual server.",
            .reference = "RFC 9293 section 3.8.1",
        },
    [FINDING_CONNECT_REFUSED] =
        {
            .slug = "connect_refused",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_WSAECONNREFUSED,
            .title = "connection refused",
            .look_at = "server or load balancer",
            .summary = "The SYN to the DirectAccess server was answered with RST.",
            .cause = "Nothing listens on that port: the ADC's virtual server is down, IP-HTTPS is not running on the "
                     "DirectAccess server, or a firewall rejects the connection.",
            .next_step = "On the server run Get-RemoteAccessHealth and look for /IPHTTPS in netsh http show "
                         "servicestate; on an ADC see that the virtual server and a member of its pool are up.",
            .reference = "RFC 9293 section 3.5.2",
        },
    [FINDING_CONNECT_UNREACHABLE] =
        {
            .slug = "connect_unreachable",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_WSAEHOSTUNREACH,
            .title = "destination unreachable",
            .look_at = "firewall or NAT",
            .summary = "An ICMP message reports the DirectAccess server as unreachable or the traffic as prohibited.",
            .cause = "A router on the way has no route to the server's address, or a firewall rejects the connection "
                     "and says so.",
            .next_step = "The ICMP message's source address names the device: correct its route or its rule for TCP "
                         "443; tracert to the server shows where the path ends.",
            .reference = "RFC 792, RFC 4443 section 3.1",
        },
    [FINDING_PROXY_REFUSED] =
        {
            .slug = "proxy_refused",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_WSANO_DATA,
            .title = "proxy refused CONNECT",
            .look_at = "proxy",
            .summary = "The HTTP proxy did not let the client through to the DirectAccess server.",
            .cause = "The proxy wants a login that the computer account cannot give (407), forbids the server's name "
                     "or port (403), or cannot reach it (502, 503, 504).",
            .next_step = "Exempt the server's name and port from the proxy's authentication and filters, or have "
                         "clients bypass the proxy for it; netsh winhttp show proxy shows which one they use.",
            .reference = "[MS-IPHTTPS] section 3.1, RFC 9110 section 9.3.6",
        },
    [FINDING_PROXY_IN_PATH] =
        {
            .slug = "proxy_in_path",
            .severity = SEVERITY_NOTE,
            .error_rule = ERROR_UNKNOWN,
            .title = "through a proxy",
            .summary = "The client reaches the DirectAccess server through an HTTP proxy.",
            .cause = "A proxy is set in WinHTTP or found by automatic detection, and it accepted the CONNECT.",
            .next_step = "Nothing to repair here; where tunnels drop, look at the proxy's idle time-out and "
                         "connection limits, and at netsh winhttp show proxy on the client.",
            .reference = "[MS-IPHTTPS] section 3.1, RFC 9110 section 9.3.6",
        },
    [FINDING_NO_CLIENT_HELLO] =
        {
            .slug = "no_client_hello",
            .severity = SEVERITY_WARNING,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_WSAHOST_NOT_FOUND,
            .title = "no Client Hello",
            .look_at = "client",
            .summary = "TCP connected, but the client ended the connection without a Client Hello.",
            .cause = "The client never began TLS: a proxy set in the browser or in WinHTTP cannot be resolved or "
                     "used, or something merely tested the port.",
            .next_step = "Run netsh winhttp show proxy on the client and look at the browser's proxy settings; "
                         "correct them, or clear WinHTTP's with netsh winhttp reset proxy.",
            .reference = "RFC 5246 section 7.3",
        },
    [FINDING_NULL_CIPHER_REJECTED] =
        {
            .slug = "null_cipher_rejected",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_BY_ALERT,
            .title = "NULL cipher suites rejected",
            .look_at = "server or load balancer",
            .summary = "The server refused a Client Hello that offers the NULL cipher suites of Windows 8 and later.",
            .cause = "What ends TLS here, the server or the ADC before it, has neither TLS_RSA_WITH_NULL_SHA256 nor "
                     "TLS_RSA_WITH_NULL_SHA enabled.",
            .next_step =
                "NetScaler: bind ssl vserver VS -cipherName SSL3-NULL-SHA; F5: NULL in the client SSL profile; "
                "HAProxy: ciphers NULL-SHA256:NULL-SHA:@SECLEVEL=0; Windows: Get-TlsCipherSuite NULL.",
            .reference = "RFC 5246 sections 7.4.1.3 and A.5",
        },
    [FINDING_HELLO_REJECTED] =
        {
            .slug = "hello_rejected",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_BY_ALERT,
            .title = "Client Hello rejected",
            .look_at = "server or load balancer",
            .summary = "The server refused the Client Hello, and not for its NULL cipher suites.",
            .cause = "Client and server share no TLS version or cipher suite, the server does not know the name in "
                     "SNI, or a middlebox ends the connection.",
            .next_step = "Compare the hello's versions, suites and SNI with the ADC's SSL settings or, on Windows "
                         "Server, with Get-TlsCipherSuite and the Protocols keys of Schannel in the registry.",
            .reference = "RFC 5246 sections 7.2.2 and 7.4.1.3",
        },
    [FINDING_HELLO_UNANSWERED] =
        {
            .slug = "hello_unanswered",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_UNKNOWN,
            .title = "Client Hello unanswered",
            .look_at = "firewall or NAT",
            .summary = "TCP connected, but the server never sent a byte in answer to the Client Hello.",
            .cause = "A firewall or intrusion prevention system drops the Client Hello, or what accepts connections "
                     "has no working server behind it.",
            .next_step = "Capture at the server too: where the Client Hello does not arrive, look at the devices "
                         "between; where it does, at the ADC's pool members and the server's IP Helper service.",
            .reference = "RFC 5246 section 7.3",
        },
    [FINDING_NOT_TLS] =
        {
            .slug = "not_tls",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_SEC_E_ILLEGAL_MESSAGE,
            .title = "answer is not TLS",
            .look_at = "DNS, NAT or load balancer",
            .summary = "What answers the Client Hello does not speak TLS: it is not the DirectAccess server.",
            .cause = "NAT or a port forward leads to the wrong service, or a captive portal, firewall or plain HTTP "
                     "listener answers in the server's place.",
            .next_step = "Read the first bytes of the answer to recognise the service, follow the DNS record and the "
                         "NAT rule to it, and try the client on a network without a captive portal.",
            .reference = "RFC 5246 section 6.2.1",
        },
    [FINDING_NULL_CIPHER_NOT_SELECTED] =
        {
            .slug = "null_cipher_not_selected",
            .severity = SEVERITY_WARNING,
            .error_rule = ERROR_UNKNOWN,
            .title = "encrypted twice",
            .look_at = "server or load balancer",
            .summary = "NULL cipher suites were offered but an encrypted one was chosen, so IPsec's packets are "
                       "encrypted twice.",
            .cause = "The server or ADC prefers an encrypted suite or has no NULL suite, which client VPN (SSTP) on "
                     "the same server and a self-signed certificate also bring about.",
            .next_step = "On an ADC put the NULL suites first in the cipher list and let the server's order win; on "
                         "Windows Server move client VPN (SSTP) elsewhere and use a certificate of a CA.",
            .reference = "RFC 5246 sections 7.4.1.3 and A.5",
        },
    [FINDING_CERTIFICATE_NAME_MISMATCH] =
        {
            .slug = "certificate_name_mismatch",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_CERT_E_CN_NO_MATCH,
            .title = "certificate of another name",
            .look_at = "DNS, NAT or load balancer",
            .summary = "The server's certificate does not cover the name that the client connects to.",
            .cause = "NAT, DNS or the ADC leads to another server, or the certificate was issued for another name "
                     "than the host in the client's IP-HTTPS URL.",
            .next_step = "Compare the certificate's subject with ServerURL in Get-NetIPHttpsConfiguration, and its "
                         "thumbprint with netsh http show sslcert on the DirectAccess server.",
            .reference = "RFC 6125 section 6.4",
        },
    [FINDING_CERTIFICATE_NAME_ONLY_IN_SAN] =
        {
            .slug = "certificate_name_only_in_san",
            .severity = SEVERITY_WARNING,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_ERROR_NO_MORE_ITEMS,
            .title = "name only in SAN",
            .look_at = "server's certificate",
            .summary = "The name that the client connects to is an alternative name of the certificate, not its "
                       "subject.",
            .cause = "DirectAccess wants the public host name, or a wildcard that covers it, as the subject's common "
                     "name; the list of alternative names alone does not count.",
            .next_step = "Have the certificate issued anew with the public host name as common name, and bind it with "
                         "Set-RemoteAccess -SslCertificate or on the ADC's virtual server.",
            .reference = "RFC 6125 section 6.4.4",
        },
    [FINDING_CERTIFICATE_NOT_EXPECTED] =
        {
            .slug = "certificate_not_expected",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_UNKNOWN,
            .title = "unexpected certificate",
            .look_at = "DNS, NAT or load balancer",
            .summary = "The certificate is neither the one configured for the endpoint nor one of its connected "
                       "sessions.",
            .cause = "The connection went to another server, something between answers with its own certificate, or a "
                     "renewed one is bound on some servers of the cluster only.",
            .next_step = "Compare the thumbprint with netsh http show sslcert on each server and with the certificate "
                         "bound on the ADC; if it was renewed, update the endpoints table.",
            .reference = "RFC 5246 section 7.4.2",
        },
    [FINDING_CERTIFICATE_INSPECTED] =
        {
            .slug = "certificate_inspected",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_CERT_E_UNTRUSTEDROOT,
            .title = "TLS inspection",
            .look_at = "proxy, firewall or antivirus",
            .summary = "A TLS inspection product issued the certificate that the client was shown.",
            .cause = "A proxy, firewall or antivirus on the way decrypts TLS and puts its own certificate in the "
                     "place of the DirectAccess server's.",
            .next_step = "Exempt the DirectAccess server's name and address from TLS inspection on that product, then "
                         "compare the certificate with netsh http show sslcert on the server.",
            .reference = "RFC 5280 section 4.1.2.4",
        },
    [FINDING_CERTIFICATE_EXPIRED] =
        {
            .slug = "certificate_expired",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_CERT_E_EXPIRED,
            .title = "certificate expired",
            .look_at = "server's certificate",
            .summary = "The server's certificate had expired when the frame was captured.",
            .cause = "It was not renewed, or the renewed one was never bound to IP-HTTPS on the server or to the "
                     "ADC's virtual server.",
            .next_step = "Renew it and bind it: Set-RemoteAccess -SslCertificate on Windows Server, update ssl "
                         "certKey on NetScaler, the client SSL profile on F5, crt on HAProxy.",
            .reference = "RFC 5280 section 4.1.2.5",
        },
    [FINDING_CERTIFICATE_NOT_YET_VALID] =
        {
            .slug = "certificate_not_yet_valid",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_CERT_E_EXPIRED,
            .title = "certificate not yet valid",
            .look_at = "server's certificate",
            .summary = "The server's certificate was not valid yet when the frame was captured.",
            .cause = "The certificate was issued for a later start, or the clock of the client, or of the CA when it "
                     "issued the certificate, is wrong.",
            .next_step = "Check the clocks of client and CA with w32tm /query /status; where they are right, bind the "
                         "former certificate until the new one's validity begins.",
            .reference = "RFC 5280 section 4.1.2.5",
        },
    [FINDING_CERTIFICATE_WITHOUT_SERVER_AUTH] =
        {
            .slug = "certificate_without_server_auth",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_UNKNOWN,
            .title = "no Server Authentication",
            .look_at = "server's certificate",
            .summary = "The extended key usages of the server's certificate do not include Server Authentication.",
            .cause = "The certificate was issued from a template for another purpose, such as client authentication "
                     "or signing.",
            .next_step = "Issue one from a template with Server Authentication (1.3.6.1.5.5.7.3.1), such as Web "
                         "Server, and bind it with Set-RemoteAccess -SslCertificate or on the ADC.",
            .reference = "RFC 5280 section 4.2.1.12",
        },
    [FINDING_CERTIFICATE_SELF_SIGNED] =
        {
            .slug = "certificate_self_signed",
            .severity = SEVERITY_WARNING,
            .error_rule = ERROR_UNKNOWN,
            .title = "self-signed certificate",
            .look_at = "server's certificate",
            .summary = "The server's certificate is self-signed.",
            .cause = "DirectAccess was set up with a certificate of its own; Windows then disables NULL cipher "
                     "suites, and only clients that were given this certificate trust it.",
            .next_step = "Take a certificate of a public CA or of your own, with the public host name as subject, and "
                         "bind it with Set-RemoteAccess -SslCertificate.",
            .reference = "RFC 5280 section 3.2",
        },
    [FINDING_CERTIFICATE_KEY_NOT_RSA] =
        {
            .slug = "certificate_key_not_rsa",
            .severity = SEVERITY_WARNING,
            .error_rule = ERROR_UNKNOWN,
            .title = "certificate key not RSA",
            .look_at = "server's certificate",
            .summary = "The key of the server's certificate is not an RSA key.",
            .cause = "NULL cipher suites need RSA key exchange, so a server with an ECDSA certificate alone can never "
                     "negotiate them.",
            .next_step = "Request the certificate with an RSA key of 2048 bits and a SHA-256 signature, and bind it "
                         "in this one's place on the server or ADC.",
            .reference = "RFC 5246 sections 7.4.3 and A.5",
        },
    [FINDING_CERTIFICATE_UNTRUSTED] =
        {
            .slug = "certificate_untrusted",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_CERT_E_UNTRUSTEDROOT,
            .title = "certificate not trusted",
            .look_at = "server's certificate",
            .summary = "The client answered the server's certificate with the alert unknown_ca.",
            .cause = "Its CA is not among the client's trusted roots: a private CA or a TLS inspection product's, or "
                     "the server leaves out an intermediate certificate.",
            .next_step = "Put the root into the client's LocalMachine\\Root store, or complete the chain on the "
                         "server or ADC (NetScaler: link ssl certKey); certutil -verify -urlfetch shows what lacks.",
            .reference = "RFC 5246 section 7.2.2",
        },
    [FINDING_CERTIFICATE_REJECTED] =
        {
            .slug = "certificate_rejected",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_IF_REVOKED,
            .windows_error = WINDOWS_CRYPT_E_REVOKED,
            .title = "certificate rejected",
            .look_at = "server's certificate",
            .summary = "The client answered the server's certificate with an alert.",
            .cause = "The client found the certificate revoked, outside its validity or not usable for a server; the "
                     "alert's name says which.",
            .next_step = "Export the certificate and run certutil -verify -urlfetch on the client to see the check "
                         "that fails; if it is revoked, bind another with Set-RemoteAccess -SslCertificate.",
            .reference = "RFC 5246 section 7.2.2",
        },
    [FINDING_CERTIFICATE_SILENTLY_REJECTED] =
        {
            .slug = "certificate_silently_rejected",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_UNKNOWN,
            .title = "closed after certificate",
            .look_at = "server's certificate",
            .summary = "The client closed the connection after the server's certificate, without an alert.",
            .cause = "The client does not accept the certificate's issuer, name or validity, or, on Windows 7, cannot "
                     "reach its CRL (0x80092013).",
            .next_step = "Read the code with Get-NetIPHttpsState, or netsh interface httpstunnel show interfaces on "
                         "Windows 7, and run certutil -verify -urlfetch on the exported certificate.",
            .reference = "RFC 5280 section 6",
        },
    [FINDING_CLIENT_CERTIFICATE_REQUESTED] =
        {
            .slug = "client_certificate_requested",
            .severity = SEVERITY_NOTE,
            .error_rule = ERROR_UNKNOWN,
            .title = "preauthentication",
            .summary = "The server asks the client for a certificate: preauthentication is on.",
            .cause = "Client authentication is enabled on the ADC's virtual server, or AuthMode of the DirectAccess "
                     "server's IP-HTTPS is Certificates.",
            .next_step = "If that is not wanted: NetScaler set ssl vserver VS -clientAuth DISABLED, F5 Client "
                         "Certificate ignore, HAProxy verify none, Windows Set-NetIPHttpsConfiguration -AuthMode "
                         "None.",
            .reference = "RFC 5246 section 7.4.4",
        },
    [FINDING_CLIENT_CERTIFICATE_MISSING] =
        {
            .slug = "client_certificate_missing",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_SEC_I_INCOMPLETE_CREDENTIALS,
            .title = "client certificate missing",
            .look_at = "client",
            .summary = "The server asked the client for a certificate, got none, and the connection ended there.",
            .cause = "The client has no valid computer certificate for Client Authentication from a CA that the "
                     "server asks for.",
            .next_step = "Look into LocalMachine\\My on the client (certutil -store My), enrol with certutil -pulse, "
                         "and compare the issuer with the CA bound on the ADC for client authentication.",
            .reference = "RFC 5246 sections 7.4.4 and 7.4.6",
        },
    [FINDING_CLIENT_CERTIFICATE_REJECTED] =
        {
            .slug = "client_certificate_rejected",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_BY_ALERT,
            .title = "client certificate rejected",
            .look_at = "server or load balancer",
            .summary = "The client sent its certificate, and the server ended the handshake.",
            .cause = "The root or intermediate CA bound for client authentication is wrong or missing, or the "
                     "client's certificate is revoked or expired.",
            .next_step = "Bind the CA that issued it: NetScaler bind ssl vserver VS -certkeyName CA -CA, F5 Trusted "
                         "Certificate Authorities, HAProxy ca-file; then check the certificate against the CRL.",
            .reference = "RFC 5246 sections 7.2.2 and 7.4.6",
        },
    [FINDING_CLIENT_CERTIFICATE_ISSUER_NOT_LISTED] =
        {
            .slug = "client_certificate_issuer_not_listed",
            .severity = SEVERITY_WARNING,
            .error_rule = ERROR_UNKNOWN,
            .title = "client's CA not asked for",
            .look_at = "server or load balancer",
            .summary = "No issuer in the client's chain is among the CAs that the server asked for.",
            .cause = "The server or ADC advertises another CA than the one that issues computer certificates, or the "
                     "client picked the wrong certificate.",
            .next_step = "Compare the names in the Certificate Request with the client's chain, and correct "
                         "NetScaler's -CA binding, F5's Advertised Certificate Authorities or HAProxy's ca-file.",
            .reference = "RFC 5246 section 7.4.4",
        },
    [FINDING_CLIENT_CERTIFICATE_EXPIRED] =
        {
            .slug = "client_certificate_expired",
            .severity = SEVERITY_WARNING,
            .error_rule = ERROR_UNKNOWN,
            .title = "client certificate expired",
            .look_at = "client",
            .summary = "The client's certificate was outside its validity when the frame was captured.",
            .cause = "Autoenrolment has not renewed the computer certificate: a client that has long been away from "
                     "the domain cannot reach its CA.",
            .next_step = "Connect the client to the internal network or by another VPN, run gpupdate and certutil "
                         "-pulse, and check LocalMachine\\My with certutil -store My.",
            .reference = "RFC 5280 section 4.1.2.5",
        },
    [FINDING_CLIENT_CERTIFICATE_WITHOUT_CLIENT_AUTH] =
        {
            .slug = "client_certificate_without_client_auth",
            .severity = SEVERITY_WARNING,
            .error_rule = ERROR_UNKNOWN,
            .title = "no Client Authentication",
            .look_at = "client",
            .summary = "The extended key usages of the client's certificate do not include Client Authentication.",
            .cause = "The computer certificate was issued from a template for another purpose, or the client picked "
                     "the wrong one of several.",
            .next_step = "Enrol a certificate from a template with Client Authentication (1.3.6.1.5.5.7.3.2), such as "
                         "Computer, with certutil -pulse, and remove the unsuitable one from LocalMachine\\My.",
            .reference = "RFC 5280 section 4.2.1.12",
        },
    [FINDING_HANDSHAKE_FAILED] =
        {
            .slug = "handshake_failed",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_BY_ALERT,
            .title = "TLS handshake failed",
            .look_at = "server or load balancer",
            .summary = "The TLS handshake was ended before it was complete.",
            .cause = "Neither cipher suites nor a certificate explain it: a middlebox alters TLS, the private key "
                     "does not fit the certificate, or one side failed internally.",
            .next_step = "Capture at the server too and compare: a difference points to TLS inspection between; if "
                         "there is none, read the Schannel events in the System log or the ADC's SSL log.",
            .reference = "RFC 5246 sections 7.2.2 and 7.3",
        },
    [FINDING_HTTP_REJECTED] =
        {
            .slug = "http_rejected",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_UNKNOWN,
            .title = "tunnel request rejected",
            .look_at = "server or load balancer",
            .summary = "The tunnel request was answered with another status than 200.",
            .cause = "Another web site or an ADC policy answers for this address, or IP-HTTPS has not registered "
                     "/IPHTTPS on the DirectAccess server.",
            .next_step = "Look for /IPHTTPS in netsh http show servicestate on the server, restart its IP Helper "
                         "service if it is missing, and check the ADC's responder and rewrite policies.",
            .reference = "[MS-IPHTTPS] section 3.2",
        },
    [FINDING_HTTP_UNANSWERED] =
        {
            .slug = "http_unanswered",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_UNKNOWN,
            .title = "tunnel request unanswered",
            .look_at = "server or load balancer",
            .summary = "The session ended before the tunnel request was answered.",
            .cause = "The ADC could not pass the request on to a DirectAccess server, or a proxy waits for the end of "
                     "a body that never ends.",
            .next_step = "Check the ADC's pool members and monitors and the server's IP Helper service; exempt the "
                         "server from request buffering on proxies and web application firewalls.",
            .reference = "[MS-IPHTTPS] section 3.2",
        },
    [FINDING_HTTP_NOT_DIRECTACCESS] =
        {
            .slug = "http_not_directaccess",
            .severity = SEVERITY_WARNING,
            .error_rule = ERROR_UNKNOWN,
            .title = "not Microsoft-HTTPAPI",
            .look_at = "DNS, NAT or load balancer",
            .summary = "The tunnel request was answered with 200, but not by Microsoft-HTTPAPI.",
            .cause = "Another web server or the ADC itself answers at this address, or an ADC policy rewrites the "
                     "Server header of Windows.",
            .next_step = "If no packets flow in the tunnel, follow the DNS record, the NAT rule and the ADC's pool to "
                         "the server that answers; if they do, only the header was rewritten.",
            .reference = "[MS-IPHTTPS] section 4",
        },
    [FINDING_TUNNEL_WITHOUT_ROUTER_ADVERTISEMENT] =
        {
            .slug = "tunnel_without_router_advertisement",
            .severity = SEVERITY_WARNING,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_WSANO_DATA,
            .title = "no router advertisement",
            .look_at = "DirectAccess server",
            .summary = "The tunnel is up, but the client's router solicitations get no answer.",
            .cause = "The server publishes no IPv6 prefix on its IP-HTTPS interface, so the client gets no address "
                     "for the tunnel.",
            .next_step = "On the server compare ClientIPv6Prefix in Get-DAServer with Get-NetRoute -AddressFamily "
                         "IPv6, see that Get-NetIPInterface shows Advertising, and restart the IP Helper service.",
            .reference = "RFC 4861 section 6.3.7",
        },
    [FINDING_TUNNEL_CLOSED] =
        {
            .slug = "tunnel_closed",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_UNKNOWN,
            .title = "tunnel closed by server",
            .look_at = "server or load balancer",
            .summary = "The server closed the tunnel at once, or before it sent a packet.",
            .cause = "The server accepted the request but not the client, its IP Helper service stopped, or the ADC "
                     "ended a connection that it takes for a finished exchange.",
            .next_step = "Read the server's events of IP Helper and RemoteAccess at this time, and on the ADC the "
                         "time-outs and the HTTP profile of the virtual server.",
            .reference = "[MS-IPHTTPS] section 3.2",
        },
    [FINDING_TUNNEL_MALFORMED] =
        {
            .slug = "tunnel_malformed",
            .severity = SEVERITY_ERROR,
            .error_rule = ERROR_UNKNOWN,
            .title = "tunnel content not IPv6",
            .look_at = "server or load balancer",
            .summary = "What flows in the tunnel is not IPv6.",
            .cause = "An ADC or proxy changes the stream by compression, chunked transfer or rewriting, or what "
                     "answered is not an IP-HTTPS server.",
            .next_step = "Switch compression, caching and rewriting off for this virtual server on the ADC, and "
                         "compare with a capture at the DirectAccess server.",
            .reference = "[MS-IPHTTPS] section 2.2, RFC 8200 section 3",
        },
    [FINDING_CONNECTED] =
        {
            .slug = "connected",
            .severity = SEVERITY_CHAT,
            .error_rule = ERROR_FIXED,
            .windows_error = WINDOWS_NO_ERROR,
            .title = "connected",
            .summary = "The server answered the tunnel request with 200: the IP-HTTPS tunnel is up.",
            .cause = "The connection, TLS where it is used, and the tunnel request all succeeded.",
            .next_step = "If DirectAccess still fails, look inside the tunnel: router advertisement, IPsec "
                         "(Get-NetIPsecMainModeSA on the client) and name resolution (Get-DnsClientNrptPolicy).",
            .reference = "[MS-IPHTTPS] section 4",
        },
};
