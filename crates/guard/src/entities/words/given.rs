//! Given names, as they are common in many languages.

/// Given names that are hardly any other word.
pub(super) const GIVEN: &str = "
aaron abdul abdullah abigail adam adela adele adelina adrian adriana adrienne agata agnes agnieszka ahmad ahmed aidan aileen aisha
akira alain alan alana albert alberto aldo alejandra alejandro aleksander aleksandra aleksei alena alessandra alessandro alessia
alexa alexander alexandra alexandre alexandros alexei alexis alfonso alfred alfredo ali alice alicia alina alison allan allison
alma alvaro alyssa amalia amanda amelia amélie amina amir amit amy ana anastasia anders andrea andreas andrei andrej andrew andrzej andré
andrés andy angela angelica angelina angelo anika anil anita anja ann anna annabelle anne annette annie annika anthony antoine anton
antonia antonin antonio antónio anouk ante apolonia arash arianna ariel arjun armando arnaud arnold arthur artur arturo arvid asa
ashley asta astrid august augusto aurelia aurora ava axel ayşe aya ayesha barbara barbora bartosz bartłomiej basil bastian beata beatrice
beatriz béatrice ben benedict benedikt benjamin bernadette bernard bernardo bernd bernhard bert bertha bertrand beth bethany betty
beverly bianca birgit birgitta birgitte björn bob bobby bogdan boris bożena bradley branislav brandon brenda brendan brent brett brian bridget brigitte
bruno bryan camila camilla camille carina carl carla carlo carlos carmela carmen carol carolina caroline carolyn carsten
catalina catarina caterina catherine cathy cécile cecilia cecilie celia celine céline chantal charlene charles charlotte chen cheryl chiara
chloe chloé chris christa christel christian christiane christina christine christoph christophe christopher cindy claire clara
clarissa claude claudia claudio clemens clément clifford colette colin colleen connie conor constance constantin cora corinne cornelia
courtney craig cristian cristina curtis cynthia cyril dagmar daisuke damian damien dana dániel daniel daniela daniele danielle
daniil danijel danilo danny daphne daria dariusz darren dave david davide dean debbie deborah debra deepak deirdre delphine
denis denise dennis derek diana diane diego dieter dimitri dimitrios dina dirk dmitri dmitry dolores dominic dominik dominika
dominique donald donna dora doris dorota dorothea dorothy doug douglas duncan dylan edgar edith edmund eduard eduardo edward
edwin eileen einar eirik ekaterina elaine eleanor elena eleonora elias elif elin elina elisa elisabeth elise eliza elizabeth ella
ellen elliot elsa else elvira emil emilia emilie emilio emily emma emmanuel emre enrico enrique eric erica erich erik erika
erin ernest ernesto ernst esra esteban estelle esther ethan eugene eugenia eva evan evelyn ewa fabian fabien fabio fabrice fatima fatma federica
federico felicia felipe felix felicity ferdinand fernanda fernando filip filippo finn fiona flora florian florence francesca francesco
francis francisca francisco franco françois françoise frank franz fred freddy frederic frédéric frederick frederik fredrik frida friedrich fritz
gabriel gabriela gabriele gabriella gareth gary gavin geir geoffrey georg george georges georgia georgina gerald gerard
gerardo gerda gerhard gertrude gianluca gianni gilbert gilles gina giorgio giovanna giovanni gisela giulia giuliana giuseppe gloria gonzalo
gordon göran grażyna greg gregor gregory greta grzegorz guido guillaume guillermo gunnar gunter günter günther gustav gustavo guy gwen hamza hana hanna hannah hannes
hans harald harold haruki hassan hasan heather hector héctor hedwig heidi heike heiko heinrich heinz helen helena helene hélène helga helge helmut henri
henrik henrietta henry herbert herman hermann hilary hilda hilde hiroshi holger holly horst howard hubert hugo hülya ian ibrahim ida idris
ignacio igor ilaria ilse imran inés ines inga inge ingeborg ingrid irena irene irina iris irma isaac isabel isabella isabelle isabell
ismail iván ivan ivana ivo iwona jacek jack jackie jacob jacqueline jacques jaime jake jakob jakub james jamie jan jana jane janet janice
janina janine janka janusz jared jarosław jarmila jasmin jasmine jason javier jean jeanette jeanne jeff jeffrey jelena jen jenna jennifer jenny jens jeremy
jerome jérôme jerzy jesper jesse jessica jessie jesús jill jim jimena jimmy jiří joachim joan joana joanna joanne joão joaquim joaquín jochen jodi
joe joel jörg jörn joerg johan johanna johannes john johnny jon jonas jonathan jordan jorge jorgen jørgen josé jose josef josefa josefina
joseph josephine josh joshua jouni juan juana juanita judith judy juha juho julia julian juliana julie julien juliet juliette julieta julio
jürgen jussi justin justyna jutta józef kaitlin kai kamil kamila karel karen kari karim karin karina karl karla karolina karoline kasia katarina katarzyna kate katerina kateřina
katharina katharine katherine kathleen kathryn kathy katia katie katja katrin kay kazimierz keith kelly ken kenji kenneth kerstin kevin khadija khalid kieran
kim kirsten kirsi kjell klara klaus konrad konstantin kristen kristian kristiina kristin kristina kristine krystyna krzysztof kurt kyle lars laszlo lászló
laura lauren laurence laurent laurie lawrence lea leah leif leila lena lennart leo leon leonard leonardo leonid leonie leonor leopold leslie leszek leticia
lidia liisa lillian lily lina linda lindsay lisa lisbeth liv ljubica lloyd loïc lola lorenzo loretta lori lorna lotte louis louisa louise luc luca lucas lucia lucía
lucie lucien lucinda lucy ludmila ludwig luigi luis luisa luiza luka lukas lukáš luke lutz lydia lynn mabel maciej maddalena madeleine madison mads magda
magdalena magnus mahmoud maja malcolm malin malte manfred manon manuel manuela marc marcel marcela marcella marcelo marcin marco marcos marcus
marek mareike margaret margareta margarita margherita margit margot marguerite maria maría marian mariana marianne marie mariella marija marijke marika marina mario marion marisa marisol marit
marius marjorie marko markus marlene marta marte martha martin martina martine martín mary maryam mateo mateusz mathias mathieu mathilde
matilda matt matteo matthew matthias matthieu maureen maurice mauricio maurizio max maxim maxime maximilian maya meagan megan mehmet melanie
melissa melvin mercedes meredith michael michał michaela michal michel michele michelle mickael miguel mihai mihaela mika mikael mikhail mikkel miklós mila milan
milena milica millie minna mira miranda mireille miriam miroslav miroslava mirjam mitchell mohamed mohammad mohammed moira molly mona monica monika monique morgan moritz morten
muhammad muriel murray mustafa myriam nadia nadine nadja nancy naomi natacha natalia natalie natasha nathalie nathan nathaniel neha neil nelson nicholas nick
nicola nicolas nicolás nicole niels nigel nikita niklas nikola nikolai nikolaj nikolaos nikolaus nils nina noah noel noemi nora norbert norma norman nuno oksana olaf olav
ole oleg olga oliver olivia olivier olof omar ondřej oscar oskar osman otto owen pablo paola paolo pascal patricia patricio patrick patrik patrizia patryk
paul paula paulina pauline paulo pauli pavel paweł pedro peggy penelope penny per percy perry pete peter petra petri philip philipp philippe phillip phoebe phyllis
pia pierre pieter pietro pilar piotr priscilla priya przemysław quentin rachel radosław rafael raffaella rafał ragnar rahul rainer raj rajesh ralf ralph ramón ramona randall randy raoul raphael
raquel raúl raul ravi raymond rebecca regina reginald reinhard reinhold renata renate renato rené renée ricardo riccardo richard rick rico riikka rita rob robert roberta roberto robin rocío rodney
rodrigo roger roland rolf roman romain ronald ronan ronja ronny rosa rosalie rosalind rosario rosemary rosie ross roxana ruben rubén rudi rudolf rudy
rupert russell ruth ryan sabina sabine sabrina sakura sally salma salvador salvatore sam samantha samira samuel sandra sandro sanjay santiago sara sarah saskia sasha scott sean sebastian sebastián
sébastien selma serena serge sergei sergey sergio seth shannon sharon shaun shawn sheila shelley shirley sibylle sigrid silke silvia simon simona simone simão siobhan siv sofia sofie soledad
sonia sonja sophia sophie søren stacy stan stanisław stanislav stefan stefania stefano steffen stella stéphane stephan stephanie stephen steve steven stig stuart sue sunita susan susana susanna
susanne suzanne svante sven svetlana sylvia sylvie sylwia szymon tabea tadeusz takashi tamara tanja tanya tara tatiana tatjana taylor terence teresa terry thea theo theodor theodore theresa
thérèse thierry thiago thomas thorsten tiago tiffany tim timo timothy tina tobias toby todd tom tomás tomáš tomas tomasz tommy toni tony tor tore torsten tracy trevor trine trisha
trygve tuomas tyler ulla ulrich ulrike ulf urs ursula uta ute uwe václav vadim valentin valentina valeria valerie valérie vanessa vasco vasily vera verena veronica veronika véronique vesna vicente
vicki vicky victor victoria vikram viktor viktoria vilma vincent vincenzo viola violet virginia virginie vishal vitor vittorio vivian viviane vladimir vladislav wade walter
wanda wang warren wayne wendy werner wiebke wiesław wilfried wilhelm willem william winston witold wojciech wolfgang xavier yannick yasmin yolanda yann yuki yuri yusuf yves yvette yvonne
zachary zbigniew zdeněk zeynep zofia zoltán zoe zoë zsófia zuzana åke åsa émilie éric étienne özgür øyvind łukasz šárka željko
";

/// Given names that are words, months, places or surnames too: they need a surname beside them.
pub(super) const MAYBE: &str = "
abel adams alba alex amber angel april art ash austin autumn basil bill billy blake brad brook brooke bud carter chance charity chase chip christian chuck clark
clay cliff cole cooper crystal dale dallas dakota dawn dick dick dominic drew earl eden eve ernest faith fay florence forest frank gale gene george ginger glen glenn grace grant guy hank
harry harper hazel heath heather holly hope hunter iris israel ivy jack jade jasper jay jerry jewel joy june kit lance lane lee liberty lily logan major marina mark mason max may mercy merry
miles misty mike nelson noble norm olive paris parker pat patience pearl penny peter phil pierce ray reed rich rick river rob robin rod rose rosemary roy ruby sage sandy savannah scarlett sergeant sharp sierra
sky skye solomon spencer stone storm summer sydney tanner terra teddy tony trinity troy tucker ty van victor victoria vince violet wade warren ward wesley will willow wolf woody
dan jo lou ron don ted val ed al bo cam sal art mel li wei ming hui min jun jin yan ying ling hong
";
