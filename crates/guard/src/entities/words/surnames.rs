//! Surnames, as they are common in many languages.

/// Surnames; many are words too, so that each needs a given name or a title beside it.
pub(super) const SURNAMES: &str = "
smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark
ramirez lewis robinson walker young allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts gomez phillips evans turner diaz parker
cruz edwards collins reyes stewart morris morales murphy cook rogers gutierrez ortiz morgan cooper peterson bailey reed kelly howard ramos kim cox ward richardson watson brooks chavez wood james
bennett gray mendoza ruiz hughes price alvarez castillo sanders patel myers long ross foster jimenez powell jenkins perry russell sullivan bell coleman butler henderson barnes gonzales fisher
vasquez simmons romero jordan patterson alexander hamilton graham reynolds griffin wallace moreno west cole hayes bryant herrera gibson ellis tran medina aguilar stevens murray ford castro
marshall owens harrison fernandez mcdonald woods washington kennedy wells vargas henry chen freeman webb tucker guzman burns crawford olson simpson porter hunter gordon mendez silva shaw snyder
mason dixon munoz hunt hicks holmes palmer wagner black robertson boyd rose stone salazar fox warren mills meyer rice schmidt garza daniels ferguson nichols stephens soto weaver ryan gardner payne
grant dunn kelley spencer hawkins arnold pierce hansen peters santos hart bradley knight elliott cunningham duncan armstrong hudson carroll lane riley andrews alvarado ray delgado berry perkins
hoffman johnston matthews pena richards contreras willis carpenter lawrence sandoval guerrero george chapman rios estrada ortega watkins greene nunez wheeler valdez harper burke larson santiago
maldonado morrison franklin carlson austin dominguez carr lawson jacobs obrien lynch singh vega bishop montgomery oliver jensen harvey williamson gilbert dean sims espinoza howell li wong reid
müller schmidt schneider fischer weber meyer wagner becker schulz hoffmann schäfer koch bauer richter klein wolf schröder neumann schwarz zimmermann braun krüger hofmann hartmann lange
schmitt werner schmitz krause meier lehmann schmid schulze maier köhler herrmann könig walter mayer huber kaiser fuchs peters lang scholz möller weiß jung hahn schubert vogel friedrich keller günther
frank berger winkler roth beck lorenz baumann franke albrecht schuster simon ludwig böhm winter kraus schumacher krämer vogt stein jäger otto sommer groß seidel heinrich brandt haas schreiber
graf schulte dietrich ziegler kuhn kühn pohl engel horn busch bergmann thomas voigt sauer arnold wolff pfeiffer gruber steiner moser egger
bernard dubois durand leroy moreau laurent lefebvre lefèvre michel bertrand roux fournier morel girard andré mercier dupont lambert bonnet françois martinez legrand garnier faure rousseau
blanc guerin muller henry roussel nicolas perrin morin mathieu clement gauthier dumont lopez fontaine chevalier robin masson garcía fernández gonzález rodríguez lópez martínez sánchez pérez gómez martín jiménez
ruiz hernández díaz moreno muñoz álvarez romero alonso gutiérrez navarro domínguez vázquez gil serrano blanco molina suárez castro ortega delgado marín ortiz rubio sanz iglesias núñez medina
rossi russo ferrari esposito bianchi romano colombo ricci marino greco bruno gallo conti costa giordano mancini rizzo lombardi moretti barbieri fontana santoro mariani rinaldi caruso ferrara galli
martini leone longo gentile martinelli vitale lombardo serra coppola ferraro d'angelo marchetti parisi villa fabbri
silva santos ferreira pereira oliveira costa rodrigues martins jesus sousa fernandes gonçalves gomes lopes marques alves almeida ribeiro pinto carvalho teixeira moreira correia mendes nunes soares vieira
jansen vries berg bakker visser smit meijer boer mulder groot bos vos peters hendriks leeuwen dekker brouwer wit dijkstra smits graaf meer peeters janssens maes jacobs mertens willems claes goossens wouters
andersson johansson karlsson nilsson eriksson larsson olsson persson svensson gustafsson pettersson jonsson jansson hansson bengtsson lindberg jakobsson magnusson lindström lindqvist berg lundgren
axelsson bergström lundberg lundqvist mattsson lind berglund fredriksson sandberg henriksson forsberg sjöberg wallin engström danielsson eklund håkansson hansen johansen olsen larsen andersen pedersen
nilsen kristiansen jensen karlsen johnsen pettersen eriksen haugen hagen johannessen nielsen christensen sørensen rasmussen jørgensen petersen madsen kristensen thomsen poulsen møller
korhonen virtanen mäkinen nieminen mäkelä hämäläinen laine heikkinen koskinen järvinen
nowak kowalski kowalska wiśniewski wójcik kowalczyk kamiński lewandowski zieliński szymański woźniak dąbrowski kozłowski jankowski mazur kwiatkowski krawczyk kaczmarek piotrowski grabowski zając pawłowski michalski król
novák svoboda novotný dvořák černý procházka kučera veselý horák němec pokorný marek pospíšil hájek jelínek nagy kovács tóth szabó horváth varga kiss molnár németh farkas balogh papp takács juhász
ivanov petrov sidorov smirnov kuznetsov popov sokolov lebedev kozlov novikov morozov volkov solovyov vasiliev zaitsev pavlov semyonov golubev vinogradov bogdanov popescu ionescu popa radu dumitru stan stoica
papadopoulos georgiou nikolaidis dimitriou yılmaz kaya demir şahin çelik yıldız aydın öztürk arslan doğan kılıç
sharma gupta kumar singh verma agarwal shah mehta reddy iyer nair joshi mishra desai rao khan hussain malik chaudhary wang zhang liu yang huang zhao wu zhou xu sun zhu guo lin tanaka suzuki sato
takahashi watanabe ito yamamoto nakamura kobayashi kato yoshida yamada sasaki park choi jung kang cho yoon jang lim cohen levy mizrahi goldberg friedman rosenberg okafor adeyemi mensah diallo traoré mbeki dlamini nkosi botha
";
