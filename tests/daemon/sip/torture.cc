#include "tests/daemon/sip/torture.h"

namespace interlink::daemon {

const std::vector<Torture>& TortureRequests() {
  static const auto& all = *new std::vector<Torture>{
      // 3.1.1.1; it has a To tag, so it would be of a dialog.
      {"wsinv", 481,
       "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\n"
       "TO :\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\n"
       "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\n"
       "  ;\n  tag = 98asjd8\n"
       "MaX-fOrWaRdS: 0068\n"
       "Call-ID: wsinv.ndaksdj@192.0.2.1\n"
       "Content-Length   : 150\n"
       "cseq: 0009\n  INVITE\n"
       "Via  : SIP  /   2.0\n /UDP\n    192.0.2.2;branch=390skdjuw\n"
       "s :\n"
       "NewFangledHeader:   newfangled value\n continued newfangled value\n"
       "UnknownHeaderWithUnusualValue: ;;,,;;,;\n"
       "Content-Type: application/sdp\n"
       "Route:\n "
       "<sip:services.example.com;lr;unknownwith=value;unknown-no-value>"
       "\n"
       "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\n"
       "  branch  =   z9hG4bK9ikj8  ,\n"
       " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\n"
       " z9hG4bK30239\n"
       "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\n"
       "      newvalue ;\n  secondparam ; q = 0.33\n\n",
       150},
      // 3.1.1.2, without the quoted NUL that it has in To; see quoted_nul.
      {"intmeth", 405,
       "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!"
       "sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
       "@example.com SIP/2.0\n"
       "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\n"
       "To: \"BEL:\\\x07 DEL:\\\x7f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$"
       "/crazy?,/;;*@example.com>\n"
       "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>"
       ";fromParam''~+*_!.-%=\"\xD1\x80\xD0\xB0\";tag=_token~1'+`*%!-.\n"
       "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\n"
       "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\n"
       "Max-Forwards: 255\n"
       "extensionHeader-!.%*+_`'~:\xEF\xBB\xBF\xE5\xA4\xA7\n"
       "Content-Length: 0\n\n"},
      {"quoted_nul", 0,
       std::string("OPTIONS sip:user@example.com SIP/2.0\n"
                   "Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bK1\n"
                   "To: \"NUL:\\") +
           '\0' +
           "\" <sip:user@example.com>\n"
           "From: <sip:a@example.com>;tag=1\n"
           "Call-ID: nul\nCSeq: 1 OPTIONS\nContent-Length: 0\n\n"},
      {"esc01", 404,
       "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0\n"
       "To: sip:%75se%72@example.com\n"
       "From: <sip:I%20have%20spaces@example.net>;tag=938\n"
       "Max-Forwards: 87\n"
       "i: esc01.239409asdfakjkn23onasd0-3234\n"
       "CSeq: 234234 INVITE\n"
       "Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw\n"
       "C: application/sdp\nContact:\n"
       "  <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>\n"
       "Content-Length: 150\n\n",
       150},
      {"escnull", 405,
       "REGISTER sip:example.com SIP/2.0\n"
       "To: sip:null-%00-null@example.com\n"
       "From: sip:null-%00-null@example.com;tag=839923423\n"
       "Max-Forwards: 70\n"
       "Call-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd\n"
       "CSeq: 14398234 REGISTER\n"
       "Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw\n"
       "Contact: <sip:%00@host5.example.com>\n"
       "Contact: <sip:%00%00@host5.example.com>\n"
       "L:0\n\n"},
      {"esc02", 405,
       "RE%47IST%45R sip:registrar.example.com SIP/2.0\n"
       "To: \"%Z%45\" <sip:resource@example.com>\n"
       "From: \"%Z%45\" <sip:resource@example.com>;tag=f232jadfj23\n"
       "Call-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf\n"
       "Via: SIP/2.0/TCP host.example.com;rport;branch=z9hG4bK209%fzsnel234\n"
       "CSeq: 29344 RE%47IST%45R\n"
       "Max-Forwards: 70\n"
       "Contact: <sip:alias1@host1.example.com>\n"
       "l: 0\n\n"},
      {"lwsdisp", 200,
       "OPTIONS sip:user@example.com SIP/2.0\n"
       "To: sip:user@example.com\n"
       "From: caller<sip:caller@example.com>;tag=323\n"
       "Max-Forwards: 70\n"
       "Call-ID: lwsdisp.1234abcd@funky.example.com\n"
       "CSeq: 60 OPTIONS\n"
       "Via: SIP/2.0/UDP funky.example.com;branch=z9hG4bKkdjuw\n"
       "l: 0\n\n"},
      // What follows is another message, which is not looked at.
      {"dblreq", 405,
       "REGISTER sip:example.com SIP/2.0\n"
       "To: sip:j.user@example.com\n"
       "From: sip:j.user@example.com;tag=43251j3j324\n"
       "Max-Forwards: 8\n"
       "I: dblreq.0ha0isndaksdj99sdfafnl3lk233412\n"
       "Contact: sip:j.user@host.example.com\n"
       "CSeq: 8 REGISTER\n"
       "Via: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKkdjuw23492\n"
       "Content-Length: 0\n\n",
       500},
      {"semiuri", 200,
       "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0\n"
       "To: sip:j_user@example.com\n"
       "From: sip:caller@example.org;tag=33242\n"
       "Max-Forwards: 3\n"
       "Call-ID: semiuri.0ha0isndaksdj\n"
       "CSeq: 8 OPTIONS\n"
       "Accept: application/sdp, application/pkcs7-mime,\n"
       "        multipart/mixed, multipart/signed,\n"
       "        message/sip, message/sipfrag\n"
       "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw\n"
       "l: 0\n\n"},
      {"transports", 200,
       "OPTIONS sip:user@example.com SIP/2.0\n"
       "To: sip:user@example.com\n"
       "From: <sip:caller@example.com>;tag=323\n"
       "Max-Forwards: 70\n"
       "Call-ID:  transports.kijh4akdnaqjkwendsasfdj\n"
       "Accept: application/sdp\n"
       "CSeq: 60 OPTIONS\n"
       "Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw\n"
       "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf\n"
       "Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj\n"
       "Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en\n"
       "Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee\n"
       "l: 0\n\n"},
      {"unreason", 0,
       "SIP/2.0 200 = 2**3 * 5**2 \xD0\xBD\xD0\xBE\n"
       "Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923\n"
       "Call-ID: unreason.1234ksdfak3j2erwedfsASdf\n"
       "CSeq: 35 INVITE\n"
       "From: sip:user@example.com;tag=11141343\n"
       "To: sip:user@example.edu;tag=2229\n"
       "Content-Length: 154\n\n"},
      // 3.1.2, invalid messages. Nobody can tell where to answer this one.
      {"badinv01", 0,
       "INVITE sip:user@example.com SIP/2.0\n"
       "To: sip:j.user@example.com\n"
       "From: sip:caller@example.net;tag=134161461246\n"
       "Max-Forwards: 7\n"
       "Call-ID: badinv01.0ha0isndaksdjasdf3234nas\n"
       "CSeq: 8 INVITE\n"
       "Via: SIP/2.0/UDP 192.0.2.15;;,;,,\n"
       "Contact: \"Joe\" <sip:joe@example.org>;;;;\n"
       "Content-Length: 152\n\n",
       152},
      {"clerr", 400,
       "INVITE sip:user@example.com SIP/2.0\n"
       "Max-Forwards: 80\n"
       "To: sip:j.user@example.com\n"
       "From: sip:caller@example.net;tag=93942939o2\n"
       "Contact: <sip:caller@hungry.example.net>\n"
       "Call-ID: clerr.0ha0isndaksdjweiafasdk3\n"
       "CSeq: 8 INVITE\n"
       "Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bK-39234-23523\n"
       "Content-Type: application/sdp\n"
       "Content-Length: 9999\n\n",
       150},
      {"ncl", 400,
       "INVITE sip:user@example.com SIP/2.0\n"
       "Max-Forwards: 254\n"
       "To: sip:j.user@example.com\n"
       "From: sip:caller@example.net;tag=32394234\n"
       "Call-ID: ncl.0ha0isndaksdj2193423r542w35\n"
       "CSeq: 0 INVITE\n"
       "Via: SIP/2.0/UDP 192.0.2.53;branch=z9hG4bKkdjuw\n"
       "Contact: <sip:caller@example53.example.net>\n"
       "Content-Type: application/sdp\n"
       "Content-Length: -999\n\n",
       150},
      {"scalar02", 400,
       "REGISTER sip:example.com SIP/2.0\n"
       "Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3\n"
       "To: <sip:user@example.com>\n"
       "From: <sip:user@example.com>;tag=239232jh3\n"
       "CSeq: 36893488147419103232 REGISTER\n"
       "Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32\n"
       "Max-Forwards: 300\n"
       "Expires: 1000000000000000000000000000000000000\n"
       "Contact: <sip:user@host129.example.com>;expires=280297596632815\n"
       "Content-Length: 0\n\n"},
      {"quotbal", 400,
       "INVITE sip:user@example.com SIP/2.0\n"
       "To: \"Mr. J. User <sip:j.user@example.com>\n"
       "From: sip:caller@example.net;tag=93334\n"
       "Max-Forwards: 10\n"
       "Call-ID: quotbal.aksdj\n"
       "Contact: <sip:caller@host59.example.net>\n"
       "CSeq: 8 INVITE\n"
       "Via: SIP/2.0/UDP 192.0.2.59:5050;branch=z9hG4bKkdjuw39234\n"
       "Content-Type: application/sdp\n"
       "Content-Length: 152\n\n",
       152},
      {"ltgtruri", 400,
       "INVITE <sip:user@example.com> SIP/2.0\n"
       "To: sip:user@example.com\n"
       "From: sip:caller@example.net;tag=39291\n"
       "Max-Forwards: 23\n"
       "Call-ID: ltgtruri.1@192.0.2.5\n"
       "CSeq: 1 INVITE\n"
       "Via: SIP/2.0/UDP 192.0.2.5\n"
       "Contact: <sip:caller@host5.example.net>\n"
       "Content-Length: 0\n\n"},
      {"lwsruri", 400,
       "INVITE sip:user@example.com; lr SIP/2.0\n"
       "To: sip:user@example.com;tag=3xfe-9921883-z9f\n"
       "From: sip:caller@example.net;tag=231413434\n"
       "Max-Forwards: 5\n"
       "Call-ID: lwsruri.asdfasdoeoi2323-asdfwrn23-asd834rk423\n"
       "CSeq: 2130706432 INVITE\n"
       "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKkdjuw2395\n"
       "Content-Length: 0\n\n"},
      {"lwsstart", 400,
       "INVITE  sip:user@example.com  SIP/2.0\n"
       "Max-Forwards: 8\n"
       "To: sip:user@example.com\n"
       "From: sip:caller@example.net;tag=8814\n"
       "Call-ID: lwsstart.dfknq234oi243099adsdfnawe3@example.com\n"
       "CSeq: 1893884 INVITE\n"
       "Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw3923\n"
       "Content-Length: 0\n\n"},
      {"trws", 400,
       "OPTIONS sip:remote-target@example.com SIP/2.0  \n"
       "Via: SIP/2.0/TCP host1.examle.com;branch=z9hG4bK299342093\n"
       "To: <sip:remote-target@example.com>\n"
       "From: <sip:local-resource@example.com>;tag=329429089\n"
       "Call-ID: trws.oicu34958239neffasdhr2345r\n"
       "Accept: application/sdp\n"
       "CSeq: 238923 OPTIONS\n"
       "Max-Forwards: 70\n"
       "Content-Length: 0\n\n"},
      {"escruri", 400,
       "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0\n"
       "To: sip:user@example.com\n"
       "From: sip:caller@example.net;tag=341518\n"
       "Max-Forwards: 7\n"
       "Contact: <sip:caller@host39923.example.net>\n"
       "Call-ID: escruri.23940-asdfhj-aje3br-234q098w-fawerh2q-h4n5\n"
       "CSeq: 149209342 INVITE\n"
       "Via: SIP/2.0/UDP host-of-the-hour.example.com;branch=z9hG4bKkdjuw\n"
       "Content-Length: 0\n\n"},
      {"badaspec", 400,
       "OPTIONS sip:user@example.org SIP/2.0\n"
       "Via: SIP/2.0/UDP host4.example.com:5060;branch=z9hG4bKkdju43234\n"
       "Max-Forwards: 70\n"
       "From: \"Bell, Alexander\" <sip:a.g.bell@example.com>;tag=433423\n"
       "To: \"Watson, Thomas\" < sip:t.watson@example.org >\n"
       "Call-ID: badaspec.sdf0234n2nds0a099u23h3hnnw009cdkne3\n"
       "Accept: application/sdp\n"
       "CSeq: 3923239 OPTIONS\n"
       "l: 0\n\n"},
      {"baddn", 400,
       "OPTIONS sip:t.watson@example.org SIP/2.0\n"
       "Via:     SIP/2.0/UDP c.example.com:5060;branch=z9hG4bKkdjuw\n"
       "Max-Forwards:      70\n"
       "From:    Bell, Alexander <sip:a.g.bell@example.com>;tag=43\n"
       "To:      Watson, Thomas <sip:t.watson@example.org>\n"
       "Call-ID: baddn.31415@c.example.com\n"
       "Accept: application/sdp\n"
       "CSeq:    3923239 OPTIONS\n"
       "l: 0\n\n"},
      {"badvers", 505,
       "OPTIONS sip:t.watson@example.org SIP/7.0\n"
       "Via:     SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw\n"
       "Max-Forwards:     70\n"
       "From:    A. Bell <sip:a.g.bell@example.com>;tag=qweoiqpe\n"
       "To:      T. Watson <sip:t.watson@example.org>\n"
       "Call-ID: badvers.31417@c.example.com\n"
       "CSeq:    1 OPTIONS\n"
       "l: 0\n\n"},
      {"mismatch01", 400,
       "OPTIONS sip:user@example.com SIP/2.0\n"
       "To: sip:j.user@example.com\n"
       "From: sip:caller@example.net;tag=34525\n"
       "Max-Forwards: 6\n"
       "Call-ID: mismatch01.dj0234sxdfl3\n"
       "CSeq: 8 INVITE\n"
       "Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw\n"
       "l: 0\n\n"},
      // 3.2.1: the branch has the cookie and nothing more.
      {"badbranch", 200,
       "OPTIONS sip:user@example.com SIP/2.0\n"
       "To: sip:user@example.com\n"
       "From: sip:caller@example.org;tag=33242\n"
       "Max-Forwards: 3\n"
       "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\n"
       "Accept: application/sdp\n"
       "Call-ID: badbranch.sadonfo23i420jv0as0derf3j3n\n"
       "CSeq: 8 OPTIONS\n"
       "l: 0\n\n"},
      // 3.3, what is well-formed and cannot be done.
      {"insuf", 0,
       "INVITE sip:user@example.com SIP/2.0\n"
       "CSeq: 193942 INVITE\n"
       "Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf\n"
       "Content-Type: application/sdp\n"
       "l: 152\n\n",
       152},
      {"unkscm", 416,
       "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0\n"
       "To: sip:user@example.com\n"
       "From: sip:caller@example.net;tag=384\n"
       "Max-Forwards: 3\n"
       "Call-ID: unkscm.nasdfasser0q239nwsdfasdkl34\n"
       "CSeq: 3923423 OPTIONS\n"
       "Via: SIP/2.0/TCP host9.example.com;branch=z9hG4bKkdjuw39234\n"
       "Content-Length: 0\n\n"},
      {"bext01", 420,
       "OPTIONS sip:user@example.com SIP/2.0\n"
       "To: sip:j_user@example.com\n"
       "From: sip:caller@example.net;tag=242etr\n"
       "Max-Forwards: 6\n"
       "Call-ID: bext01.0ha0isndaksdj\n"
       "Require: nothingSupportsThis, nothingSupportsThisEither\n"
       "Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis\n"
       "CSeq: 8 OPTIONS\n"
       "Via: SIP/2.0/TLS fold-and-staple.example.com;branch=z9hG4bKkdjuw\n"
       "Content-Length: 0\n\n"},
      {"multi01", 400,
       "INVITE sip:user@company.com SIP/2.0\n"
       "Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKkdjuw\n"
       "Max-Forwards: 70\n"
       "Max-Forwards: 5\n"
       "To: sip:user@company.com\n"
       "To: sip:other@example.net\n"
       "From: sip:caller@example.com;tag=33\n"
       "From: sip:caller2@example.com;tag=34\n"
       "Call-ID: multi01.98asdh@192.0.2.1\n"
       "Call-ID: multi01.98asdh@192.0.2.2\n"
       "CSeq: 5 INVITE\n"
       "CSeq: 59 INVITE\n"
       "l: 0\n\n"},
      {"mcl01", 400,
       "OPTIONS sip:user@example.com SIP/2.0\n"
       "Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bK293423\n"
       "To: sip:user@example.com\n"
       "From: sip:other@example.net;tag=3923942\n"
       "Call-ID: mcl01.fhn2323orihawfdoa3o4r52o3irsdf\n"
       "CSeq: 15932 OPTIONS\n"
       "Content-Length: 13\n"
       "Max-Forwards: 60\n"
       "Content-Length: 5\n"
       "Content-Type: text/plain\n\n",
       17},
      {"zeromf", 200,
       "OPTIONS sip:user@example.com SIP/2.0\n"
       "To: sip:user@example.com\n"
       "From: sip:caller@example.net;tag=3ghsd41\n"
       "Call-ID: zeromf.jfasdlfnm2o2l43r5u0asdfas\n"
       "CSeq: 39234321 OPTIONS\n"
       "Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw2349i\n"
       "Max-Forwards: 0\n"
       "Content-Length: 0\n\n"},
      // 3.4.1: no branch, no tag, no Max-Forwards.
      {"inv2543", 404,
       "INVITE sip:UserB@example.com SIP/2.0\n"
       "Via: SIP/2.0/UDP iftgw.example.com\n"
       "From: <sip:+13035551111@ift.client.example.net;user=phone>\n"
       "Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>\n"
       "To: sip:+16505552222@ss1.example.net;user=phone\n"
       "Call-ID: inv2543.1717@ift.client.example.com\n"
       "CSeq: 56 INVITE\n"
       "Content-Type: application/sdp\n\n",
       100},
  };
  return all;
}

}  // namespace interlink::daemon
